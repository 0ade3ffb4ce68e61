import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { startStage, type Stage } from '../../gateway/support/stage.ts';
import { contentTypes, deepJson, json, mutated, names } from './arbitraries.ts';
import { campaign, type Campaign } from './campaign.ts';

const targets = fc.oneof(
  fc.constantFrom(
    '/api/v1/web/guest/default/export_c', '/api/v1/web/guest/proxy/raw_export_c.http/a/b?x=1',
    '/api/v1/web/guest/default/export_c.json', '/api/v1/web/guest/default/export_c.svg',
    '/api/v1/namespaces/_/actions/export_c?blocking=true&result=true', '/api/v1/namespaces/_/activations?limit=x',
    '/api/v1/namespaces/guest/activations/x/logs', '/api/v1', '*', 'http://other/api/v1', '//', '/%zz', '/api/v1/web/%00/a/b',
  ), // prettier-ignore
  fc.string({ maxLength: 40 }).map((text) => `/api/v1/web/guest/default/export_c/${text}`),
  fc.string({ maxLength: 40 }).map((text) => `/api/v1/web/guest/proxy/raw_export_c?${text}`),
  fc.constant(`/${'a'.repeat(9000)}`),
);

const headerLines = fc.array(
  fc.oneof(
    fc.tuple(fc.constantFrom('Content-Type', 'Accept'), contentTypes),
    fc.tuple(
      fc.constantFrom(
        'X-Request-ID',
        'Authorization',
        'Access-Control-Request-Headers',
        'X-Require-Whisk-Auth',
        'Cookie',
      ),
      fc.string({ unit: 'binary' }),
    ),
    fc.constantFrom(
      ['Transfer-Encoding', 'chunked'], ['Transfer-Encoding', 'gzip, chunked'], ['Content-Length', '7'],
      ['Content-Length', '-1'], ['Content-Length', '1e3'], ['Expect', '100-continue'], ['Expect', 'x'],
      ['Upgrade', 'h2c'], ['Connection', 'upgrade'], ['Host', 'a b'], ['Authorization', 'Basic !!!!'],
    ), // prettier-ignore
    fc.tuple(names, fc.string()),
  ),
  { maxLength: 5 },
);

const methods = fc.constantFrom(
  'GET',
  'POST',
  'PUT',
  'HEAD',
  'OPTIONS',
  'DELETE',
  'PATCH',
  'CONNECT',
  'TRACE',
  'FOO',
  '',
);

const message = fc
  .tuple(
    methods,
    targets,
    headerLines,
    fc.oneof(
      json.map((value) => JSON.stringify(value)),
      fc.string(),
      deepJson,
    ),
  )
  .map(([method, target, headers, body]) => {
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
    const length = headers.some(([name]) => /^(transfer-encoding|content-length)$/i.test(name))
      ? ''
      : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
    return `${method} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${lines.join('')}${length}\r\n${body}`;
  });

const deepMessage = deepJson.map(
  (body) =>
    'POST /api/v1/web/guest/default/export_c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n' +
    `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
);

const bytes = fc.oneof(
  { weight: 1, arbitrary: deepMessage.map((text) => Buffer.from(text)) },
  { weight: 5, arbitrary: message.map((text) => Buffer.from(text)) },
  { weight: 5, arbitrary: mutated(message) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((raw) => Buffer.from(raw)) },
);

/** Valid and invalid results of an action. */
const results = fc.oneof(
  json,
  fc.record(
    {
      statusCode: fc.oneof(json, fc.integer({ min: -1, max: 1200 })),
      headers: fc.oneof(
        json,
        fc.dictionary(names, json),
        contentTypes.map((value) => ({ 'content-type': value })),
      ),
      body: fc.oneof(json, fc.string({ unit: 'binary' })),
      error: json,
    },
    { requiredKeys: [] },
  ),
);

/** Raw requests of every kind, and results of actions. */
export const gatewayCampaigns: readonly Campaign[] = [
  campaign('whatever is sent to the gateway, it answers with HTTP or closes, and serves the next caller', async () => {
    const stage = await startStage();
    return {
      inputs: bytes,
      async check(sent) {
        const received = await exchange(stage.url, sent);
        assert.match(received.toString('latin1'), /^(?:HTTP\/1\.1 [1-5]\d\d [^]*)?$/);
        await assertServes(stage);
      },
      close: async () => stage.close(),
    };
  }),
  campaign('whatever an action answers, the gateway makes a reply of it', async () => {
    const stage = await startStage();
    const speak = silenceArrays();
    return {
      inputs: results,
      async check(result) {
        stage.container.answer = () => result;
        assert.match(
          (await exchange(stage.url, webRequest, false)).toString('latin1'),
          /^HTTP\/1\.1 [1-5]\d\d [^]*\r\n\r\n/,
        );
        stage.container.answer = () => ({});
        await assertServes(stage);
      },
      close: async () => {
        speak();
        await stage.close();
      },
    };
  }),
];

/** Many results are arrays, and the gateway prints two lines for each. The returned function lets it print them again. */
function silenceArrays(): () => void {
  const { error } = console;
  console.error = (...words: unknown[]): void => {
    if (!String(words[0]).startsWith("modelwhisk: the web action's result is an array")) error(...words);
  };
  return () => {
    console.error = error;
  };
}

/** Sent as bytes: clients cannot parse every header and status that the controller takes from a result. */
const webRequest = Buffer.from(
  'GET /api/v1/web/guest/default/export_c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
);

async function assertServes(stage: Stage): Promise<void> {
  assert.equal((await stage.web('guest/default/export_c')).status, 204);
}

/**
 * Sends bytes and collects the bytes until the gateway closes the connection.
 *
 * @param ends whether the sending side ends, which the gateway takes for a caller who went away
 */
async function exchange(url: string, sent: Buffer, ends = true): Promise<Buffer> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  await once(socket, 'connect');
  socket.on('error', () => socket.destroy());
  if (ends) socket.end(sent);
  else socket.write(sent);
  return buffer(socket)
    .catch(() => Buffer.alloc(0))
    .finally(() => socket.destroy());
}
