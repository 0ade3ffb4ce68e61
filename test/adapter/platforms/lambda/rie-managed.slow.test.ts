import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { docker } from '../../../support/docker.ts';
import { eventually } from '../../../support/eventually.ts';
import { lacks } from '../../../support/requirements.ts';
import { makeAdapterImage } from '../../../robustness/support/node-image.ts';
import { kinds, type Kind } from '../../../robustness/support/rows.ts';
import { functionUrl } from './front-ends.ts';
import { type Emulator, startManagedInstance } from './rie.ts';

const impossible = lacks('aws-lambda-rie', 'a Docker engine', 'ldd');
const image = `modelwhisk-managed:${process.pid}`;

describe.skipIf(impossible)("on Managed Instances, under AWS's emulator", () => {
  let emulator: Emulator | undefined;
  beforeAll(async () => makeAdapterImage(image));
  afterEach(async () => emulator?.stop());
  afterAll(async () => void (await docker('image', 'rm', '--force', image)));

  test.each(kinds)('four events are in one container at the same time (%s)', async (kind) => {
    const started = await start(kind, 'faulty.mjs');
    const waiting = async (): Promise<string> => bodyOf(await started.invoke(eventOf('GET', '/waiting')));
    expect(await waiting()).toBe('0');
    for (const count of ['1', '2', '3']) {
      void started.invoke(eventOf('GET', '/wait')).catch(() => undefined);
      expect(await eventually(`${count} calls wait while another is answered`, waiting, (text) => text === count)).toBe(
        count,
      );
    }
  });

  test.each(kinds)('of a hundred events, four at a time, each gets its own answer (%s)', async (kind) => {
    const started = await start(kind, 'worker.mjs');
    const wrong: unknown[] = [];
    let next = 1;
    const caller = async (): Promise<void> => {
      while (next <= 100) {
        const size = next;
        next += 1;
        const reply = await started.invoke(eventOf('POST', '/predict', 'x'.repeat(size)));
        if (!bodyOf(reply).includes(`"bytes":${size},`)) wrong.push([size, reply]);
      }
    };
    await Promise.all(Array.from({ length: 4 }, caller));
    expect(wrong).toEqual([]);
  });

  async function start(kind: Kind, file: string): Promise<Emulator> {
    const server =
      kind === 'express'
        ? { kind, module: `/servers/${file}` }
        : { kind, port: 5000, environment: { PORT: '5000' }, command: ['/node', `/servers/${file}`] };
    const predict = { path: '/predict', input: { kind: 'json' } };
    emulator = await startManagedInstance(image, { name: 'm', title: 'M', image: 'test/m', server, predict });
    return emulator;
  }
});

function eventOf(method: string, path: string, body = ''): object {
  return functionUrl.event({ method, path, query: '', headers: [], body: Buffer.from(body), timeLimit: 0 });
}

/** The body of a reply; text without a type travels as base64. */
function bodyOf(reply: unknown): string {
  const { body = '', isBase64Encoded } = reply as { readonly body?: string; readonly isBase64Encoded?: boolean };
  return isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
}
