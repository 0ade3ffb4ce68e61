import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startContainer, whenListening } from '../../support/container.ts';
import { docker } from '../../support/docker.ts';
import { commandsAvailable, dockerAvailable } from '../../support/requirements.ts';
import { makeAdapterImage } from '../support/node-image.ts';
import { kinds, type Kind } from '../support/rows.ts';
import { load } from './traffic.ts';

const possible = (await dockerAvailable()) && (await commandsAvailable('ldd'));
const image = `modelwhisk-robustness:${process.pid}`;

/** As an OpenWhisk operator would start it: 256 MB and no swap, any user, nothing writable but /tmp. */
const limits = [
  '--memory=256m',
  '--memory-swap=256m',
  '--pids-limit=1024',
  '--ulimit=nofile=1024:1024',
  '--read-only',
  '--tmpfs=/tmp:size=1m',
  '--user=65123:65123',
  '--cap-drop=ALL',
];

function settings(kind: Kind): readonly string[] {
  const server =
    kind === 'express'
      ? { kind, module: '/servers/worker.mjs' }
      : { kind, port: 5000, environment: { PORT: '5000' }, command: ['/node', '/servers/worker.mjs'] };
  const predict = { path: '/predict', input: { kind: 'json' } };
  const row = { name: 'worker', title: 'Worker', image: 'test/worker', server, predict };
  return ['--env', `MODELWHISK_MODEL=${JSON.stringify(row)}`];
}

describe.skipIf(!possible)('in a container limited to 256 MB', () => {
  beforeAll(async () => makeAdapterImage(image));
  afterAll(async () => void (await docker('image', 'rm', '--force', image)));

  test.each(kinds)(
    'mixed traffic at concurrency 64, docker pause and traffic again (%s): no error but the model’s own, one process from start to end',
    { timeout: 300_000 },
    async (kind) => {
      const { id, address, close } = await startContainer(image, ...limits, ...settings(kind));
      try {
        const url = `http://${address}:8080`;
        const { status } = await whenListening(async () => fetch(`${url}/init`, { method: 'POST', body: '{}' }));
        expect(status).toBe(200);
        expect(await load({ url, activations: 1000, concurrency: 64 })).toEqual([]);
        await docker('pause', id);
        await sleep(5000);
        await docker('unpause', id);
        expect(await load({ url, activations: 200, concurrency: 64 })).toEqual([]);
        const state = await docker(
          'inspect',
          '--format',
          '{{.State.Running}} {{.State.OOMKilled}} {{.RestartCount}}',
          id,
        );
        expect(state).toBe('true false 0');
      } finally {
        await close();
      }
    },
  );
});
