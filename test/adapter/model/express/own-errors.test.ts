import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ClientReply } from '../../../contract/platform-client.ts';
import { forThisTest } from '../../adapter-process.ts';
import { sendHttp } from '../../http-client.ts';
import { startOnPort } from '../../platforms/http/start.ts';

const row = {
  name: 'own-errors',
  title: 'Own errors',
  image: 'me/own-errors',
  server: { kind: 'express', module: join(import.meta.dirname, 'own-errors-app.ts'), export: 'app' },
  predict: { path: '/predict', input: { kind: 'json' } },
};

describe.each([
  ['uncaughtException', { '/throw': 'uncaughtException thrown', '/reject': 'uncaughtException rejected' }],
  ['unhandledRejection', { '/throw': 502, '/reject': 'unhandledRejection rejected' }],
  ['nothing', { '/throw': 502, '/reject': 502 }],
] as const)('the call of an app in process that listens to %s', (name, outcomes) => {
  test('fails by an error outside of a handler only if the process of the app would have ended', async () => {
    const { port } = await forThisTest(startOnPort(row, { LISTENS: name }));
    const get = (path: string): Promise<ClientReply> =>
      sendHttp(port, { method: 'GET', path, query: '', headers: [], body: Buffer.alloc(0) });
    for (const [path, outcome] of Object.entries(outcomes)) {
      const { status, body } = await get(path);
      expect(status === 200 ? Buffer.from(body).toString() : status).toBe(outcome);
    }
  });
});
