import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { startAdapter } from '../../adapter/start-adapter.ts';
import { buildCli } from '../../support/build-cli.ts';
import { kinds, serverSetting } from '../support/rows.ts';

const secret = 'h0rse-battery-staple';
const forms = [secret, encodeURIComponent(secret), ...[0, 1, 2].map((shift) => base64At(shift))];

/** The base64 of the secret at any offset in a text, without the characters shared with its neighbours. */
function base64At(shift: number): string {
  return Buffer.from(`${'-'.repeat(shift)}${secret}`)
    .toString('base64')
    .slice(4, -4);
}

function expectNoSecret(text: string): void {
  expect(forms.filter((form) => text.includes(form))).toEqual([]);
}

describe("OpenWhisk's key and the caller's credentials", () => {
  const key = `23bc46b1-71f6-4ed5-8c54-816aa4f8c502:${secret}`;
  const basic = `Basic ${Buffer.from(key).toString('base64')}`;
  const headers = { authorization: basic, 'x-require-whisk-auth': secret, 'content-type': 'application/json' };
  const web = { __ow_method: 'post', __ow_user: 'guest', __ow_headers: headers };
  const file = { kind: 'file', field: 'image', filename: 'image.png', contentType: 'image/png' };

  test.each(kinds)(
    'are in no log, no error, no request to the model server and not in its environment (%s)',
    async (kind) => {
      const { row, environment } = await serverSetting(kind, 'recorder.mjs', { predict: { input: file } });
      const adapter = await startAdapter(row, environment);
      const replies = [await adapter.post('/init', { value: { env: { __OW_API_KEY: key, OTHER: 'kept' } } })];
      const values = [
        { ...web, __ow_path: '/x' },
        { ...web, __ow_path: '/process' },
        { ...web, __ow_path: 7 },
        { ...web, __ow_path: '/predict', image_url: `http://127.0.0.1:9/a.png?signature=${secret}` },
        { ...web, __ow_path: '/predict', image_url: `https://me:${secret}@example.com/a.png` },
        { image: 'not base64!' },
        [],
      ];
      for (const value of values) replies.push(await adapter.post('/run', { value, api_key: key }));
      replies.push(await adapter.post('/run', `{"api_key": "${key}", "value": `));
      await adapter.stop();
      // The last reply is from /process: the model server's environment has the other variables of /init.
      expect(replies.some(({ text }) => text.includes('OTHER'))).toBe(true);
      const { stdout, stderr } = adapter.output();
      expectNoSecret([...replies.map(({ text }) => text), stdout, stderr].join('\n'));
    },
  );
});

describe('the password for a registry', () => {
  test('is in no output of build.ts, even if a registry quotes the request', async () => {
    // A registry with Basic authentication that repeats the received header in its error.
    const registry = createServer((request, response) => {
      const { authorization } = request.headers;
      if (authorization === undefined) response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
      else {
        const errors = [{ code: 'DENIED', message: `not with "${authorization}"` }];
        response.writeHead(403, { 'Content-Type': 'application/json' }).end(JSON.stringify({ errors }));
      }
    }).listen(0, '127.0.0.1');
    await once(registry, 'listening');
    const host = `127.0.0.1:${(registry.address() as AddressInfo).port}`;
    const words = [
      '--models',
      'digits',
      '--username',
      'me',
      '--registry',
      host,
      '--base',
      `${host}/a/b`,
      '--engine',
      'registry',
    ];
    const login = { REGISTRY_USERNAME: 'me', REGISTRY_PASSWORD: secret };
    const { exitCode, stdout, stderr } = await buildCli([...words, '--verbose'], { ...process.env, ...login });
    registry.close();
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(host);
    expectNoSecret(stdout + stderr);
  });
});
