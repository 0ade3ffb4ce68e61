import type { ModelRow } from '../core/row.ts';
import { commandLine } from '../core/shell.ts';
import { type Deployment, type DeployRequest, fewerGpus } from './deployment.ts';
import { imageInEcr } from './ecr.ts';
import { chooseMachine, type Machine } from './machine.ts';

/**
 * A real-time endpoint of Amazon SageMaker (AWS CLI reference: sagemaker create-model, create-endpoint-config,
 * create-endpoint, update-endpoint; sagemaker-runtime invoke-endpoint). Its callers need the right to invoke it.
 *
 * Model and configuration cannot be changed. They have the same name, so that an update finds the former ones.
 */
export function deployToSageMaker(request: DeployRequest): Deployment {
  const { row, platform } = request;
  const name = row.name.replaceAll(/[^a-z0-9]+/g, '-').slice(0, 50);
  const { uri, account, region, store, update, remove } = imageInEcr(request);
  const aws = (action: string, words: string): string => `aws sagemaker ${action} ${words} --region ${region}`;
  const endpoint = `--endpoint-name ${name}`;
  const instance = chooseMachine(row, instances);
  const create = (version: string): readonly string[] => [
    aws(
      'create-model',
      `--model-name ${version} --primary-container Image=${uri} --execution-role-arn arn:aws:iam::${account}:role/ROLE`,
    ),
    aws(
      'create-endpoint-config',
      `--endpoint-config-name ${version} --production-variants ` +
        `VariantName=all,ModelName=${version},InitialInstanceCount=1,InstanceType=${instance.type}`,
    ),
  ];
  const [model = '', config = ''] = create(name);
  const inService = aws('wait endpoint-in-service', endpoint);
  const current = `OLD="$(${aws('describe-endpoint', `${endpoint} --query EndpointConfigName --output text`)})"`;
  const forget = [
    aws('delete-endpoint-config', '--endpoint-config-name "$OLD"'),
    aws('delete-model', '--model-name "$OLD"'),
  ];
  return {
    steps: [
      ...store,
      { command: model, comment: 'ROLE: an execution role with the policy AmazonSageMakerFullAccess' },
      { command: config },
      { command: aws('create-endpoint', `${endpoint} --endpoint-config-name ${name}`) },
      { command: inService, comment: 'takes minutes' },
    ],
    update: [
      ...update,
      {
        command: [
          current,
          `NEW="${name}-$(date +%s)"`,
          ...create('"$NEW"'),
          aws('update-endpoint', `${endpoint} --endpoint-config-name "$NEW"`),
          inService,
          ...forget,
        ].join(' && '),
      },
    ],
    remove: [
      {
        command: [current, aws('delete-endpoint', endpoint), aws('wait endpoint-deleted', endpoint), ...forget].join(
          ' && ',
        ),
      },
      ...remove,
    ],
    exists: aws('describe-endpoint', endpoint),
    url: undefined,
    call: {
      command: `aws sagemaker-runtime invoke-endpoint ${endpoint} ${bodyArguments(row)} --region ${region} ${resultFile(row)}`,
    },
    notes: [
      'the endpoint costs by the hour until it is removed',
      ...(row.memory > instance.memory
        ? [`the row asks for ${row.memory} MB, ${instance.type} has ${instance.memory} MB`]
        : []),
      ...fewerGpus(request, 8, 'SageMaker'),
      ...(platform === 'linux/amd64'
        ? []
        : [`${instance.type} runs images for linux/amd64 only, this one is for ${platform}`]),
    ],
  };
}

/** aws.amazon.com/sagemaker/pricing, real-time inference. Of each kind, the smaller ones are first. */
const instances: readonly [Machine, ...Machine[]] = [
  { type: 'ml.m5.large', memory: 8192 },
  { type: 'ml.m5.xlarge', memory: 16_384 },
  { type: 'ml.m5.2xlarge', memory: 32_768 },
  { type: 'ml.m5.4xlarge', memory: 65_536 },
  { type: 'ml.m5.12xlarge', memory: 196_608 },
  { type: 'ml.g5.xlarge', memory: 16_384, gpus: 1 },
  { type: 'ml.g5.4xlarge', memory: 65_536, gpus: 1 },
  { type: 'ml.g5.12xlarge', memory: 196_608, gpus: 4 },
  { type: 'ml.g5.48xlarge', memory: 786_432, gpus: 8 },
];

/** The adapter turns a file's bytes into a form. */
function bodyArguments({ predict: { input }, sample }: ModelRow): string {
  switch (input.kind) {
    case 'file':
    case 'raw': {
      const file = sample?.file ?? (input.kind === 'file' ? input.filename : 'file');
      return commandLine(['--content-type', input.contentType, '--body', `fileb://${file}`]);
    }
    case 'json':
      return json(sample?.json ?? {});
    case 'query':
      return json(sample?.query ?? {});
  }
}

function json(value: unknown): string {
  const format = ['--content-type', 'application/json', '--cli-binary-format', 'raw-in-base64-out'];
  return commandLine(format, ['--body', JSON.stringify(value)]);
}

function resultFile({ predict: { output } }: ModelRow): string {
  return /^text\/|[/+]json\b/.test(output) ? '/dev/stdout' : `result.${output.replace(/^.*\//, '')}`;
}
