import { commandLine } from '../core/shell.ts';
import { imageInArtifactRegistry } from './artifact-registry.ts';
import type { ModelRow } from '../core/row.ts';
import { type Deployment, type DeployRequest, fewerGpus } from './deployment.ts';
import { dnsName } from './image-reference.ts';
import { chooseMachine, type Machine } from './machine.ts';

/**
 * An endpoint of Vertex AI with a model on it (gcloud reference: ai models upload, ai endpoints create, deploy-model,
 * undeploy-model, raw-predict). Its callers need the right to predict.
 *
 * Vertex AI gives an endpoint a number, so the commands find it by its display name.
 */
export function deployToVertex(request: DeployRequest): Deployment {
  const { row, platform } = request;
  const name = dnsName(request, 60);
  const { reference, store, update } = imageInArtifactRegistry(request, /^[a-z0-9-]+\.pkg\.dev$/);
  const found = ai('endpoints', 'list', '--filter', `display_name=${name}`, '--format', 'value(name)');
  const onEndpoint = (action: string, ...words: readonly string[]): string =>
    `gcloud ai endpoints ${action} "$(${found})" ${commandLine(words, ['--region', 'REGION'])}`;
  const machine = chooseMachine(row, machines);
  const upload = (...words: readonly string[]): string =>
    ai('models', 'upload', '--display-name', name, ...words, '--container-image-uri', reference, ...container);
  const deploy = onEndpoint(
    'deploy-model',
    '--model',
    name,
    '--display-name',
    name,
    '--machine-type',
    machine.type,
    ...(machine.gpu === undefined ? [] : ['--accelerator', `count=1,type=${machine.gpu}`]),
    '--min-replica-count',
    '1',
    '--traffic-split',
    '0=100',
  );
  const deployed = `OLD="$(${onEndpoint('describe', '--format', 'value(deployedModels[0].id)')})"`;
  const undeploy = `${onEndpoint('undeploy-model')} --deployed-model-id "$OLD"`;
  return {
    steps: [
      ...store,
      { command: upload('--model-id', name) },
      { command: ai('endpoints', 'create', '--display-name', name) },
      { command: deploy, comment: 'takes minutes' },
    ],
    update: [
      ...update,
      {
        command: upload('--parent-model', `projects/PROJECT/locations/REGION/models/${name}`, ...defaultVersion),
      },
      { command: `${deployed} && ${deploy} && ${undeploy}` },
    ],
    remove: [
      { command: `${deployed} && ${undeploy}` },
      { command: onEndpoint('delete', '--quiet') },
      { command: ai('models', 'delete', name, '--quiet') },
    ],
    // Without an endpoint, gcloud prints an empty list and succeeds.
    exists: `test -n "$(${found})"`,
    url: undefined,
    call: { command: onEndpoint('raw-predict', ...bodyArguments(row)) },
    notes: [
      'the model on the endpoint costs by the hour until it is removed',
      ...(row.memory > machine.memory
        ? [`the row asks for ${row.memory} MB, ${machine.type} has ${machine.memory} MB`]
        : []),
      ...fewerGpus(request, 1, machine.type),
      ...(platform === 'linux/amd64'
        ? []
        : [`${machine.type} runs images for linux/amd64 only, this one is for ${platform}`]),
    ],
  };
}

const container = [
  '--container-ports',
  '8080',
  '--container-health-route',
  '/health',
  '--container-predict-route',
  '/predict',
  '--container-env-vars',
  'MODELWHISK_VERTEX_ENDPOINT=shared',
];

const defaultVersion = ['--version-aliases', 'default'];

interface VertexMachine extends Machine {
  /** Type of its accelerator. Default: none. */
  readonly gpu?: string;
}

const l4 = { gpus: 1, gpu: 'nvidia-l4' };

/** cloud.google.com/vertex-ai/docs/predictions/configure-compute. Of each kind, the smaller ones are first. */
const machines: readonly [VertexMachine, ...VertexMachine[]] = [
  { type: 'n1-standard-2', memory: 7680 },
  { type: 'n1-standard-4', memory: 15_360 },
  { type: 'n1-standard-8', memory: 30_720 },
  { type: 'n1-standard-16', memory: 61_440 },
  { type: 'n1-standard-32', memory: 122_880 },
  { type: 'g2-standard-4', memory: 16_384, ...l4 },
  { type: 'g2-standard-8', memory: 32_768, ...l4 },
  { type: 'g2-standard-16', memory: 65_536, ...l4 },
  { type: 'g2-standard-32', memory: 131_072, ...l4 },
];

/** A raw prediction takes the model's own input. The adapter turns a file's bytes into a form. */
function bodyArguments({ predict: { input }, sample }: ModelRow): readonly string[] {
  switch (input.kind) {
    case 'file':
      return send(input.contentType, `@${sample?.file ?? input.filename}`);
    case 'raw':
      return send(input.contentType, `@${sample?.file ?? 'file'}`);
    case 'json':
      return send('application/json', JSON.stringify(sample?.json ?? {}));
    case 'query':
      return send('application/json', JSON.stringify(sample?.query ?? {}));
  }
}

function send(type: string, request: string): readonly string[] {
  return ['--http-headers', `Content-Type=${type}`, '--request', request];
}

function ai(...words: readonly string[]): string {
  return commandLine(['gcloud', 'ai', ...words, '--region', 'REGION']);
}
