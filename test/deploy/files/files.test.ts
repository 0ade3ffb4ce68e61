import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseTarget } from '../../../core/reference.ts';
import type { DeployRequest, DeployTarget } from '../../../deploy/deployment.ts';
import { deployTargets } from '../../../deploy/deployment.ts';
import { fileTargets, filesOn } from '../../../deploy/files/files.ts';
import { findRow } from '../../../image/catalogue/catalogue.ts';
import { filledRows, rows } from '../../image/rows.ts';

function requestOf(row = findRow(rows, 'digits'), image = 'me/digits'): DeployRequest {
  return {
    row,
    image: parseTarget(image),
    digest: undefined,
    platform: 'linux/amd64',
    insecure: [],
    program: './build.ts',
  };
}

/** The values of a file, by its name. */
function valueOf(target: DeployTarget, name: string, request = requestOf()): unknown {
  return parse(filesOn(target, request).find((file) => file.name === name)?.content ?? '');
}

const ecr = 'ACCOUNT.dkr.ecr.REGION.amazonaws.com/digits:latest';

test.each<[DeployTarget, string, object]>([
  [
    'lambda',
    'serverless.yml',
    {
      service: 'digits',
      provider: { name: 'aws', region: 'REGION', architecture: 'x86_64' },
      functions: { model: { image: ecr, memorySize: 512, timeout: 300, url: true } },
    },
  ],
  [
    'lambda',
    'template.yaml',
    {
      Transform: 'AWS::Serverless-2016-10-31',
      Resources: { Model: { Properties: { ImageUri: ecr, MemorySize: 512, FunctionUrlConfig: { AuthType: 'NONE' } } } },
    },
  ],
  [
    'knative',
    'service.yaml',
    {
      kind: 'Service',
      metadata: { name: 'digits' },
      spec: {
        template: {
          metadata: { annotations: { 'autoscaling.knative.dev/target': '32' } },
          spec: { containers: [{ image: 'docker.io/me/digits:latest', resources: { limits: { memory: '512Mi' } } }] },
        },
      },
    },
  ],
  [
    'openwhisk',
    'manifest.yaml',
    {
      packages: {
        default: {
          actions: { digits: { docker: 'me/digits', web: true, limits: { memorySize: 512, timeout: 300_000 } } },
        },
      },
    },
  ],
])('%s: %s', (target, name, expected) => {
  expect(valueOf(target, name)).toMatchObject(expected);
});

test('the commands that use a file stand at its top, and those that store the image first', () => {
  const [serverless] = filesOn('lambda', requestOf());
  expect(serverless?.content.split('\n').filter((line) => line.startsWith('#'))).toEqual([
    '# aws ecr create-repository --repository-name digits --region REGION',
    expect.stringMatching(/^# REGISTRY_USERNAME=AWS .* \.\/build\.ts copy me\/digits ACCOUNT/),
    '# serverless deploy',
    '# serverless remove',
  ]);
});

test('a Knative service whose model takes no batches grows with every four calls', () => {
  const { batch: _batch, ...alone } = findRow(rows, 'digits');
  expect(valueOf('knative', 'service.yaml', requestOf(alone))).toMatchObject({
    spec: { template: { metadata: { annotations: { 'autoscaling.knative.dev/target': '4' } } } },
  });
});

test('a row with a GPU has it in the Knative service', () => {
  const service = valueOf('knative', 'service.yaml', requestOf({ ...findRow(rows, 'digits'), gpu: 1 }));
  expect(service).toMatchObject({
    spec: { template: { spec: { containers: [{ resources: { limits: { 'nvidia.com/gpu': '1' } } }] } } },
  });
});

test('every row of the catalogue has files where a platform has any', () => {
  const written = filledRows.flatMap((row) =>
    deployTargets.map((target) => [target, filesOn(target, requestOf(row)).length > 0] as const),
  );
  expect(new Set(written.filter(([, any]) => any).map(([target]) => target))).toEqual(new Set(fileTargets));
});
