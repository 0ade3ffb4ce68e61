import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startContainer, whenListening } from '../../support/container.ts';
import { docker } from '../../support/docker.ts';
import { lacks } from '../../support/requirements.ts';
import { makeAdapterImage } from '../support/node-image.ts';
import { kinds, type Kind, workerRow } from '../support/rows.ts';
import { residentMemory } from '../../support/process-memory.ts';
import { sampler } from './memory.ts';
import { load } from './traffic.ts';

/** More than one per second for an hour. */
const activations = 5000;

/** Allowed growth in MiB from the second to the last quarter of a run. Observed: 1 to 2. It detects 6 KB per call. */
const growth = 16;

const impossible = lacks('a Docker engine', 'ldd');
const image = `modelwhisk-robustness:${process.pid}`;

/** Like a strict OpenWhisk operator: 256 MB without swap, an arbitrary user, only /tmp writable. */
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
  return ['--env', `MODELWHISK_MODEL=${JSON.stringify(workerRow(kind))}`];
}

interface Started {
  readonly id: string;
  readonly url: string;
}

/** Runs the work with an initialized container. Its process must be the same from start to end. */
async function inContainer(kind: Kind, work: (container: Started) => Promise<void>): Promise<void> {
  const { id, address, close } = await startContainer(image, ...limits, ...settings(kind));
  try {
    const url = `http://${address}:8080`;
    const { status } = await whenListening(async () => fetch(`${url}/init`, { method: 'POST', body: '{}' }));
    expect(status).toBe(200);
    await work({ id, url });
    // Over the limit, the kernel would have killed a process.
    const state = '{{.State.Running}} {{.State.OOMKilled}} {{.RestartCount}}';
    expect(await docker('inspect', '--format', state, id)).toBe('true false 0');
  } finally {
    await close();
  }
}

describe.skipIf(impossible)('in a container limited to 256 MB', () => {
  beforeAll(async () => makeAdapterImage(image));
  afterAll(async () => void (await docker('image', 'rm', '--force', image)));

  test.each(kinds)(
    'an hour’s mixed traffic at concurrency 64 (%s): no error but the model’s own, and no growth',
    { timeout: 600_000 },
    async (kind) =>
      inContainer(kind, async ({ id, url }) => {
        const adapter = Number(await docker('inspect', '--format', '{{.State.Pid}}', id));
        const memory = sampler(() => residentMemory(adapter), activations);
        expect(await load({ url, activations, concurrency: 64, onAnswer: memory.onAnswer })).toEqual([]);
        const { middle, end } = memory.course();
        expect(end - middle).toBeLessThan(growth);
      }),
  );

  test(
    'docker pause for a minute between two activations, as OpenWhisk does: the next ones are answered by the same process',
    { timeout: 300_000 },
    async () => {
      const frozen = async (kind: Kind): Promise<void> =>
        inContainer(kind, async ({ id, url }) => {
          expect(await load({ url, activations: 100, concurrency: 64 })).toEqual([]);
          await docker('pause', id);
          await sleep(60_000);
          await docker('unpause', id);
          expect(await load({ url, activations: 100, concurrency: 64 })).toEqual([]);
        });
      await Promise.all(kinds.map(frozen));
    },
  );
});
