import { afterEach, describe, expect, test } from 'vitest';
import { modelRow } from '../../../core/row.ts';
import { wrapConfig } from '../../../image/engines/wrap-config.ts';
import { kinds, serverSetting, type Kind } from '../../robustness/support/rows.ts';
import { getRequest, sendHttp } from '../http-client.ts';
import { startAdapter } from '../start-adapter.ts';
import { startCustomHandler } from './azure/custom-handler.ts';
import { startOnPort } from './http/start.ts';
import { functionUrl } from './lambda/front-ends.ts';
import { startLambdaFunction } from './lambda/start-lambda.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

type Variables = Readonly<Record<string, string>>;

/** Starts the adapter on a platform with these variables. Resolves with the model server's environment. */
const onPlatform: Readonly<Record<string, (row: object, variables: Variables) => Promise<string>>> = {
  'plain HTTP': async (row, variables) => {
    const { port, adapter } = await startOnPort(row, variables);
    closing.push(() => adapter.stop());
    return Buffer.from((await sendHttp(port, getRequest('/process'))).body).toString();
  },
  Azure: async (row, variables) => {
    const handler = await startCustomHandler(row, variables);
    closing.push(() => handler.stop());
    return Buffer.from((await handler.send(getRequest('/api/process'))).body).toString();
  },
  Lambda: async (row, variables) => {
    const lambda = await startLambdaFunction(row, variables);
    closing.push(() => lambda.stop());
    const { body } = await lambda.api.invoke(functionUrl.event(getRequest('/process')));
    return (JSON.parse(body.toString()) as { body: string }).body;
  },
  OpenWhisk: async (row, variables) => {
    const adapter = await startAdapter(row, variables);
    closing.push(() => adapter.stop());
    const { body } = await adapter.run({ __ow_method: 'get', __ow_path: '/process' });
    return String(body);
  },
};

async function environmentOn(platform: string, kind: Kind, variables: Variables): Promise<Record<string, string>> {
  const { row, environment } = await serverSetting(kind, 'recorder.mjs');
  const start = onPlatform[platform];
  if (start === undefined) throw new Error(`no platform ${platform}`);
  const text = await start(row, { ...environment, ...variables });
  return (JSON.parse(text) as { env: Record<string, string> }).env;
}

const s3 = { AWS_ACCESS_KEY_ID: 'id0', AWS_SECRET_ACCESS_KEY: 'key0' };

/** As the images of nvidia/cuda have them. */
const cuda = {
  PATH: '/usr/local/nvidia/bin:/usr/local/cuda/bin:/usr/bin:/bin',
  NVIDIA_VISIBLE_DEVICES: 'all',
  NVIDIA_DRIVER_CAPABILITIES: 'compute,utility',
  NVIDIA_REQUIRE_CUDA: 'cuda>=12.4 brand=tesla,driver>=470,driver<471',
  CUDA_VERSION: '12.4.1',
  LD_LIBRARY_PATH: '/usr/local/nvidia/lib:/usr/local/nvidia/lib64',
};

/** Adds the libraries for older drivers, as the entrypoint of those images does, and runs its arguments. */
const withCompatibility = 'LD_LIBRARY_PATH=/usr/local/cuda/compat:$LD_LIBRARY_PATH exec "$0" "$@"';

test.each(Object.entries(onPlatform))(
  'on %s a model server for GPUs gets the variables of its base, and its entrypoint adds to them',
  async (_platform, start) => {
    const { row, environment } = await serverSetting('http', 'recorder.mjs', {
      entrypoint: ['/bin/sh', '-c', withCompatibility, process.execPath],
    });
    const { entrypoint } = JSON.parse(environment['MODELWHISK_BASE'] ?? '') as { entrypoint: string[] };
    const config = { Env: Object.entries(cuda).map(([name, value]) => `${name}=${value}`), Entrypoint: entrypoint };
    const wrapped = wrapConfig({ name: 'nvidia/cuda', digest: undefined, config }, modelRow.parse(row));
    const variables = Object.fromEntries((wrapped.Env ?? []).map((each) => each.split(/=(.*)/s).slice(0, 2)));
    // NVIDIA's container toolkit reads these of the container itself.
    expect(variables).toMatchObject({ NVIDIA_VISIBLE_DEVICES: 'all', NVIDIA_DRIVER_CAPABILITIES: 'compute,utility' });
    const compatible = `/usr/local/cuda/compat:${cuda.LD_LIBRARY_PATH}`;
    const { env } = JSON.parse(await start(row, variables)) as { env: Record<string, string> };
    expect(env).toMatchObject({ ...cuda, LD_LIBRARY_PATH: compatible });
  },
);

describe.each(kinds)('the environment of a model server of kind %s', (kind) => {
  test.each([
    [
      'Azure',
      {
        AzureWebJobsStorage: 'secret',
        WEBSITE_AUTH_SIGNING_KEY: 'secret',
        IDENTITY_HEADER: 'secret',
        MSI_SECRET: 'secret',
      },
    ],
    ['Lambda', { AWS_ACCESS_KEY_ID: 'secret', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'secret' }],
    ['OpenWhisk', { __OW_API_KEY: 'secret' }],
  ])('has no secrets of %s, and the operator’s variables', async (platform, secrets) => {
    const found = await environmentOn(platform, kind, { ...secrets, MODEL_NAME: 'digits', MODELWHISK_LOG: 'off' });
    expect(JSON.stringify(found)).not.toContain('secret');
    expect(found).toMatchObject({ MODEL_NAME: 'digits' });
    expect(Object.keys(found).filter((name) => /^MODELWHISK_(?!CHILD$)/.test(name))).toEqual([]);
  });

  test.each(['plain HTTP', 'OpenWhisk', 'Azure'])(
    'has the keys of an object store that an operator sets on %s',
    async (platform) => {
      expect(await environmentOn(platform, kind, s3)).toMatchObject(s3);
    },
  );

  test("has Lambda's role if MODELWHISK_PASS_VARIABLES names it", async () => {
    expect(await environmentOn('Lambda', kind, { ...s3, MODELWHISK_PASS_VARIABLES: 'AWS_*' })).toMatchObject(s3);
  });

  test("has the base's own NODE_*, and the adapter does not mistake itself for a worker", async () => {
    const { row, environment } = await serverSetting(kind, 'recorder.mjs');
    const base = JSON.parse(environment['MODELWHISK_BASE'] ?? '{"entrypoint":null,"command":null}') as object;
    const hidden = { NODE_DEBUG_NATIVE: '', NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    const MODELWHISK_BASE = JSON.stringify({ ...base, environment: hidden });
    // The image empties these variables.
    const emptied = { NODE_DEBUG_NATIVE: '', NODE_TLS_REJECT_UNAUTHORIZED: '', NODE_UNIQUE_ID: '' };
    const text = await onPlatform['plain HTTP']?.(row, { ...environment, ...emptied, MODELWHISK_BASE });
    expect(JSON.parse(text ?? '{}')).toMatchObject({ env: hidden });
  });
});
