import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type CallResult, send, type SendOptions } from '../../../cli/call/send.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function sendTo(listener: RequestListener, options: Partial<SendOptions> = {}): Promise<CallResult> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const body = { contentType: 'text/plain', bytes: new Uint8Array([104, 105]) };
  const signal = new AbortController().signal;
  return send(url, body, { headers: {}, timeout: 10_000, retries: 0, signal, ...options });
}

/** An error as the controller writes it. */
function controllerText(error: string): string {
  return JSON.stringify({ error, code: '0123456789abcdef0123456789abcdef' }, undefined, 2);
}

describe('one call', () => {
  test('returns status, type, activation and bytes of the reply', async () => {
    const result = await sendTo((request, response) => {
      response.setHeader('x-openwhisk-activation-id', 'abc').writeHead(201, { 'content-type': 'image/png' });
      request.pipe(response);
    });
    expect(result).toMatchObject({ kind: 'reply', status: 201, contentType: 'image/png', activationId: 'abc' });
    expect(result.kind === 'reply' && result.body.toString()).toBe('hi');
  });

  test.each([429, 503])('waits as long as a %i asks, and then tries again', async (status) => {
    let calls = 0;
    const result = await sendTo((_request, response) => {
      calls += 1;
      if (calls < 3) response.writeHead(status, { 'retry-after': '0' }).end();
      else response.end('done');
    });
    expect([result.kind === 'reply' && result.status, calls]).toEqual([200, 3]);
  });

  test('reads a date in Retry-After', async () => {
    let calls = 0;
    const result = await sendTo((_request, response) => {
      calls += 1;
      if (calls === 1) response.writeHead(503, { 'retry-after': new Date().toUTCString() }).end();
      else response.end();
    });
    expect([result.kind === 'reply' && result.status, calls]).toEqual([200, 2]);
  });

  test.each([
    ['for longer than a call may take', '11'],
    ['for years', '99999999999'],
    ['until a date in years', 'Fri, 31 Dec 2099 23:59:59 GMT'],
    ['for a time that is none', 'soon'],
  ])('does not wait for a server that asks to wait %s', async (_what, text) => {
    let calls = 0;
    const result = await sendTo((_request, response) => {
      calls += 1;
      response.writeHead(503, { 'retry-after': text }).end();
    });
    expect([result.kind === 'reply' && result.status, calls]).toEqual([503, 1]);
  });

  test('sends the headers of the user instead of those of the body, in upper or lower case', async () => {
    const result = await sendTo((request, response) => response.end(JSON.stringify(request.headersDistinct)), {
      headers: { 'Content-TYPE': 'application/x-mine', 'X-One': '1' },
    });
    const headers = JSON.parse(result.kind === 'reply' ? result.body.toString() : '') as Record<string, string[]>;
    expect([headers['content-type'], headers['x-one']]).toEqual([['application/x-mine'], ['1']]);
  });

  test('stops retrying a server that asks to wait repeatedly', async () => {
    let calls = 0;
    const result = await sendTo((_request, response) => {
      calls += 1;
      response.writeHead(429, { 'retry-after': '0' }).end();
    });
    expect([result.kind === 'reply' && result.status, calls]).toEqual([429, 11]);
  });

  test.each([
    ['503 without Retry-After', 503, '', 1],
    ['429 without Retry-After', 429, '', 1],
    ['a container of OpenWhisk that failed', 400, controllerText('There was an error processing your request.'), 1],
    ['a 400 of the model server', 400, '{"error":"There was an error processing your request."}', 0],
    ['an activation that still runs', 202, controllerText('Response not yet ready.'), 0],
  ])('is tried again only with retries: %s', async (_kind, status, text, again) => {
    let calls = 0;
    const answer: RequestListener = (_request, response) => {
      calls += 1;
      response.writeHead(status).end(text);
    };
    await sendTo(answer);
    expect(calls).toBe(1);
    await sendTo(answer, { retries: 2 });
    expect(calls).toBe(2 + 2 * again);
  });

  test('is a failure with its code if the server closes the connection', async () => {
    const result = await sendTo((request) => request.socket.destroy());
    expect(result).toMatchObject({ kind: 'failure', code: expect.stringMatching(/^(UND_ERR_SOCKET|ECONNRESET)$/) });
  });

  test('is a failure TIMEOUT if the server does not answer in time', async () => {
    const result = await sendTo(() => undefined, { timeout: 100 });
    expect(result).toMatchObject({ kind: 'failure', code: 'TIMEOUT', message: 'no reply within 100 ms' });
  });

  test('ends at once if it is interrupted, without a retry', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const result = await sendTo(() => undefined, { signal: controller.signal, retries: 5 });
    expect(result).toMatchObject({ kind: 'failure', code: 'INTERRUPTED' });
  });
});
