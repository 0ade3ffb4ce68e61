import type { RequestListener, ServerResponse } from 'node:http';
import { buffer as collect } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { sent } from './outcome.ts';
import { inProcess, listening, type Subject } from './subjects.ts';

/** How an app sends its buffer, and then reuses it. */
type Send = (response: ServerResponse, buffer: Buffer, reuse: () => void) => void;

const short: Readonly<Record<string, Send>> = {
  'after `end`': (response, buffer, reuse) => {
    response.end(buffer);
    reuse();
  },
};
const any: Readonly<Record<string, Send>> = {
  'in the callback of `end`': (response, buffer, reuse) => response.end(buffer, reuse),
  'in the callback of `write`': (response, buffer, reuse) => {
    response.setHeader('Content-Length', buffer.length).write(buffer, reuse);
    response.end();
  },
  'in the callback of `write`, and ends then': (response, buffer, reuse) => {
    response.setHeader('Content-Length', buffer.length).write(buffer, () => {
      reuse();
      response.end();
    });
  },
  'on "finish"': (response, buffer, reuse) => response.on('finish', reuse).end(buffer),
  'on "close"': (response, buffer, reuse) => response.on('close', reuse).end(buffer),
};
const long: Readonly<Record<string, Send>> = {
  'on "drain"': (response, buffer, reuse) => {
    response.on('drain', () => {
      reuse();
      response.end();
    });
    response.setHeader('Content-Length', buffer.length).write(buffer);
  },
};

describe.each<[string, Subject]>([
  ['in process', inProcess],
  ['behind a port', listening],
])('a caller of an app %s gets the bytes as they were sent', (_where, subject) => {
  test.each([
    ...Object.entries({ ...short, ...any }).map(([when, send]) => [4, when, send] as const),
    ...Object.entries({ ...any, ...long }).map(([when, send]) => [200_000, when, send] as const),
  ])('if it reuses its buffer of %i bytes %s', async (size, _when, send) => {
    const app: RequestListener = (_request, response) => {
      const buffer = Buffer.alloc(size, 'a');
      send(response, buffer, () => buffer.fill('b'));
    };
    const { opened } = await subject(app, sent());
    expect((await collect((await opened).stream)).equals(Buffer.alloc(size, 'a'))).toBe(true);
  });
});
