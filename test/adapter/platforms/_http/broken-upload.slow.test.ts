import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeStreams, expressStreams } from '../../../contract/stream-models.ts';
import { sendHttp } from '../../http-client.ts';
import { startOnPort } from '../http/start.ts';

/** A caller gets the reply to a body that was not read to its end, on the connection on which it still sends. */
describe.each([expressStreams, nodeStreams])('a caller that is still sending its body to $name', (model) => {
  let started: Awaited<ReturnType<typeof startOnPort>>;
  beforeAll(async () => {
    const { row, environment } = await model.create();
    started = await startOnPort(row, {
      ...environment,
      MODELWHISK_HTTP_TIMEOUT: '1000',
      MODELWHISK_BODY_MAX_BYTES: '1000',
    });
  });
  afterAll(() => started.adapter.stop());

  /** Sends the start of a body of 2,000 bytes. Resolves with the reply, which comes before the rest is sent. */
  async function sendStart(path: string, headers: Readonly<Record<string, string>>): Promise<[number, string]> {
    const outgoing = httpRequest({ port: started.port, method: 'POST', path, headers, agent: false });
    outgoing.write('{');
    const [reply] = (await once(outgoing, 'response')) as [IncomingMessage];
    const body = await text(reply);
    outgoing.destroy();
    return [reply.statusCode ?? 0, body];
  }

  test.each([
    ['with its length', { 'content-length': '2000' }],
    ['in chunks', {}],
  ])('gets a 504 if the model does not read it in time: %s', async (_, headers) => {
    const [status, body] = await sendStart('/late-sink?file=/none', { 'content-type': 'text/plain', ...headers });
    expect([status, body]).toEqual([504, expect.stringMatching(/MODEL_TIMEOUT|did not arrive in time/)]);
  });

  test.each(['text/plain', 'application/octet-stream'])(
    'gets the refusal of a model that does not read it, %s',
    async (type) => {
      const body = Buffer.alloc(8_000_000, 'x');
      const headers: [string, string][] = [['Content-Type', type]];
      for (let count = 0; count < 5; count += 1) {
        const reply = await sendHttp(started.port, {
          method: 'POST',
          path: '/refuse-upload',
          query: '',
          headers,
          body,
        });
        expect([reply.status, Buffer.from(reply.body).toString()]).toEqual([413, 'too large']);
      }
    },
  );

  test('gets a 413 instead of 100 (Continue) if the stated length is over the limit', async () => {
    const headers = {
      'content-type': 'application/cloudevents+json',
      'content-length': '2000',
      expect: '100-continue',
    };
    const outgoing = httpRequest({ port: started.port, method: 'POST', path: '/', headers, agent: false });
    let continues = 0;
    outgoing.on('continue', () => (continues += 1)).flushHeaders();
    const [reply] = (await once(outgoing, 'response')) as [IncomingMessage];
    outgoing.destroy();
    expect([continues, reply.statusCode, reply.headers.connection]).toEqual([0, 413, 'close']);
  });

  test('gets a 413 for an event that is too long to be read whole', async () => {
    const headers = { 'content-type': 'application/cloudevents+json', 'content-length': '2000' };
    const [status, body] = await sendStart('/', headers);
    expect([status, body]).toEqual([413, expect.stringContaining('over the limit of 1000')]);
  });
});
