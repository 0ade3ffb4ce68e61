import type { RequestListener } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { expectSameOutcome, sent, sentInParts, sentJson, type MakeApp } from './outcome.ts';

describe('a request in process behaves for an app as behind a port', () => {
  test('has its line, its headers and its state', async () => {
    const app: MakeApp = (note) => (request, response) => {
      const state = (): unknown[] => [request.complete, request.aborted, request.readableEnded, request.destroyed];
      note([request.method, request.url, request.httpVersion, request.httpVersionMajor, request.httpVersionMinor]);
      note([request.headers, request.rawHeaders.length, request.headersDistinct['x-two'], request.trailers]);
      note(state());
      request.on('data', (part: Buffer) => note(part.toString()));
      request.on('end', () => {
        note(state());
        setImmediate(() => response.end(JSON.stringify(state())));
      });
    };
    const headers = [['Content-Type', 'application/json'], ['X-Two', 'a'], ['x-two', 'b'], ['Cookie', 'a=1'], ['cookie', 'b=2'], ['X-Byte', 'é']] as const; // prettier-ignore
    const { notes } = await expectSameOutcome(app, () =>
      sentJson({ a: 1 }, { path: '/a/../b%20', query: 'x=1&x=2', headers }),
    );
    expect(notes[1]).toContainEqual(expect.objectContaining({ 'x-two': 'a, b', cookie: 'a=1; b=2', 'x-byte': 'é' }));
  });

  test('has a body that arrives in chunks of unknown length', async () => {
    const { body } = await expectSameOutcome(echo, () => sentInParts(['one ', 'two ', 'three']));
    expect(body).toBe('one two three');
  });

  test('has a body that arrives with its length stated', async () => {
    await expectSameOutcome(echo, () => sentInParts(['one', 'two'], { length: 6 }));
  });

  test('is read no faster than the app reads it', async () => {
    const app: MakeApp = (note) => async (request, response) => {
      await sleep(20);
      let length = 0;
      for await (const part of request as AsyncIterable<Buffer>) {
        length += part.length;
        await sleep(1);
      }
      note(length);
      response.end();
    };
    const megabyte = (): Readable => Readable.from(Array.from({ length: 32 }, () => Buffer.alloc(32_768)));
    const outcome = await expectSameOutcome(app, () =>
      sent({ method: 'PUT', body: { stream: megabyte(), length: undefined } }),
    );
    expect(outcome.notes).toEqual([1_048_576]);
  });

  test('can be paused, piped and refused before it was read', async () => {
    const paused: RequestListener = (request, response) => {
      request.pause();
      setTimeout(() => request.pipe(response), 10);
    };
    expect((await expectSameOutcome(() => paused, () => sentJson({ a: 1 }))).body).toBe('{"a":1}'); // prettier-ignore
    const refused: RequestListener = (_request, response) => response.writeHead(413).end('too much');
    expect((await expectSameOutcome(() => refused, () => sent({ method: 'POST', body: Buffer.alloc(3_000_000) }))).status).toBe(413); // prettier-ignore
  });

  test.each([
    ['whole', () => sentJson({ a: 1 })],
    ['in parts', () => sentInParts(Array.from({ length: 20 }, () => 'part'))],
    [
      'longer than what is buffered',
      () =>
        sent({
          method: 'POST',
          body: { stream: Readable.from(Array.from({ length: 20 }, () => Buffer.alloc(32_768))), length: undefined },
        }),
    ],
  ])('is read to its end if the app pauses it and replies without reading: %s', async (_what, request) => {
    const app: MakeApp = () => (incoming, response) => {
      incoming.pause();
      setTimeout(() => response.writeHead(413).end('too much'), 5);
    };
    const { status, events } = await expectSameOutcome(app, request);
    expect(status).toBe(413);
    expect(events).toContain('socket close');
  });

  test('does not reach the app if Node.js does not know its method', async () => {
    const { status, body } = await expectSameOutcome((note) => () => note('reached'), () => sent({ method: 'INVENT' })); // prettier-ignore
    expect([status, body]).toEqual([400, '']);
  });

  test('does not reach the app if it opens a tunnel', async () => {
    const outcome = await expectSameOutcome((note) => () => note('reached'), () => sent({ method: 'CONNECT', path: 'example.org:80' })); // prettier-ignore
    expect(outcome).toMatchObject({ status: undefined, isBroken: true, notes: [] });
  });
});

const echo: MakeApp = () => (request, response) => {
  response.setHeader('x-framing', `${request.headers['transfer-encoding']} ${request.headers['content-length']}`);
  request.pipe(response);
};
