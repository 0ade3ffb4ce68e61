import type { RequestListener } from 'node:http';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { expectSameOutcome, sent, type MakeApp } from './outcome.ts';

describe('a reply in process behaves for an app as behind a port', () => {
  const replies: Readonly<Record<string, RequestListener>> = {
    'text in one piece': (_request, response) => response.end('é', 'latin1'),
    'nothing at all': (_request, response) => response.end(),
    'parts in one turn': (_request, response) => {
      response.write('a');
      response.write(Buffer.from('b'));
      response.end('ü');
    },
    'parts in several turns': async (_request, response) => {
      for (const part of ['a', 'b', 'c']) {
        response.write(part);
        await sleep(2);
      }
      response.end();
    },
    'a head first': async (_request, response) => {
      response.flushHeaders();
      await sleep(5);
      response.end('later');
    },
    'a stated length, in parts': async (_request, response) => {
      response.writeHead(200, { 'content-length': 6 }).write('abc');
      await sleep(5);
      response.end('def');
    },
    'more than the stated length': (_request, response) =>
      response.writeHead(200, { 'content-length': 3 }).end('abcdef'),
    'no length and no chunks': (_request, response) => {
      response.removeHeader('transfer-encoding');
      response.write('until ');
      response.end('the end');
    },
    'Connection: close': (_request, response) => response.setHeader('Connection', 'close').end('bye'),
    'raw headers, repeated': (_request, response) => response.writeHead(200, ['X-A', '1', 'x-a', '2', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']).end('raw'), // prettier-ignore
    'headers set, appended and removed': (_request, response) => {
      response.setHeader('set-cookie', ['a=1', 'b=2']).appendHeader('X-Byte', 'é').setHeader('x-gone', '1');
      response.removeHeader('x-gone');
      response.end('ascii');
    },
    'a status and message of its own': (_request, response) => response.writeHead(299, 'As It Likes').end(),
    'interim replies': (_request, response) => {
      response.writeContinue();
      response.writeProcessing();
      response.writeEarlyHints({ link: '</style.css>; rel=preload' }, () => response.end('at last'));
    },
    trailers: (_request, response) => {
      response.setHeader('Trailer', 'X-Sum').write('body');
      response.addTrailers({ 'X-Sum': '42' });
      response.end();
    },
    'corked parts': (_request, response) => {
      response.cork();
      response.write('a');
      response.write('b');
      process.nextTick(() => response.uncork());
      setTimeout(() => response.end('c'), 5);
    },
    'a stream that is piped': (_request, response) => void Readable.from(['a', 'b']).pipe(response),
    'a pipeline': async (_request, response) => pipeline(Readable.from(['a', 'b']), response),
    '204': (_request, response) => response.writeHead(204).end(),
    '204 with a body': (_request, response) => response.writeHead(204).end('no'),
    '204 in chunks': (_request, response) => response.writeHead(204, { 'transfer-encoding': 'chunked' }).end('no'),
    '205': (_request, response) => response.writeHead(205).end(),
    '304': (_request, response) => response.writeHead(304, { etag: '"a"', 'content-length': 5 }).end(),
    '304 with a body': (_request, response) => response.writeHead(304).end('no'),
    '500 with a body': (_request, response) => response.writeHead(500).end('sorry'),
  };
  test.each(Object.entries(replies))('%s', async (_what, handle) => {
    await expectSameOutcome(() => handle);
  });
  test.each(Object.entries(replies).filter(([what]) => heads.has(what)))('%s, to HEAD', async (_what, handle) => {
    const { body } = await expectSameOutcome(() => handle, () => sent({ method: 'HEAD' })); // prettier-ignore
    expect(body).toBe('');
  });

  test('knows its progress', async () => {
    const app: MakeApp = (note) => async (request, response) => {
      const state = (): void =>
        note([response.headersSent, response.finished, response.writableEnded, response.writableFinished, response.closed, response.destroyed, response.socket === request.socket]); // prettier-ignore
      state();
      response.on('finish', state).on('close', state);
      response.write('a', () => note('written'));
      state();
      response.end('b', () => note('ended'));
      state();
      await finished(response);
      state();
    };
    const { notes } = await expectSameOutcome(app);
    expect(notes.at(-1)).toEqual([true, true, true, true, true, true, false]);
  });

  test('applies backpressure to the app while it is not read', async () => {
    const app: MakeApp = (note) => (_request, response) => {
      const block = Buffer.alloc(1_048_576, 'x');
      note(response.write('a'));
      note(response.write(block));
      note(response.writableNeedDrain);
      response.once('drain', () => {
        note('drained');
        response.end();
      });
    };
    const { notes, body } = await expectSameOutcome(app);
    expect([notes, body.length]).toEqual([[true, false, true, 'drained'], 1_048_577]);
  });

  test('keeps the written bytes although the app reuses its buffer', async () => {
    const app: MakeApp = () => (_request, response) => {
      const buffer = Buffer.alloc(4, 'a');
      response.write(buffer, () => {
        buffer.fill('b');
        response.write(buffer, () => response.end(buffer.fill('c')));
      });
    };
    expect((await expectSameOutcome(app)).body).toBe('aaaabbbbcccc');
  });

  test('keeps the written bytes although the app reuses its buffer when the reply is finished', async () => {
    const app: MakeApp = () => (_request, response) => {
      const buffer = Buffer.alloc(4, 'a');
      response.on('finish', () => buffer.fill('b')).end(buffer, () => buffer.fill('c'));
    };
    expect((await expectSameOutcome(app)).body).toBe('aaaa');
  });

  test('refuses late writes', async () => {
    const app: MakeApp = (note) => (_request, response) => {
      response.on('error', (error: NodeJS.ErrnoException) => note(error.code));
      response.end('done', () => note(attempt(() => response.setHeader('x-late', '1'))));
      note(attempt(() => response.writeHead(500)));
      response.write('more');
      response.end();
    };
    const { notes } = await expectSameOutcome(app);
    expect(notes).toContain('ERR_STREAM_WRITE_AFTER_END');
  });
});

/** Replies written in one turn, because a client of HEAD closes its connection after the head. */
const heads = new Set(['text in one piece', 'nothing at all', 'parts in one turn', 'Connection: close', '204', '304']);

function attempt(act: () => unknown): unknown {
  try {
    act();
    return 'fine';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}
