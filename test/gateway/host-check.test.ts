import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { send } from './support/send.ts';
import { startStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ hosts: ['gateway.test'] }, [{ name: 'echo' }]);
});
afterAll(() => stage.close());

const call = (host: string) => send(`${stage.url}/api/v1/web/guest/default/echo.json`, { headers: { Host: host } });

describe('Host', () => {
  test.each([
    'localhost',
    'LOCALHOST:3233',
    'a.localhost:1',
    '127.0.0.1:3233',
    '[::1]:3233',
    '172.17.0.1',
    'Gateway.test:1',
  ])('%s is accepted', async (host) => {
    expect((await call(host)).status).toBe(200);
  });

  test.each(['evil.example', 'localhost.evil.example:3233', '127.0.0.1.nip.io', 'xgateway.test'])(
    '%s is refused: its owner may have it resolve to this machine',
    async (host) => {
      const runs = stage.container.runs().length;
      const reply = await call(host);
      expect([reply.status, reply.all('content-type')]).toEqual([403, ['text/plain; charset=utf-8']]);
      expect(reply.text).toContain(`called as "${host}"`);
      expect(reply.text).toContain('--allow-host');
      expect(stage.container.runs().length).toBe(runs);
    },
  );
});
