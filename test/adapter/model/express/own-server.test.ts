import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { sent, sentInParts } from './outcome.ts';
import { inProcess, listening, type Sent, type Subject } from './subjects.ts';

/** What a caller gets of a new server, and what the server noted. */
async function outcomeOf(
  subject: Subject,
  makeServer: (note: (what: unknown) => void) => Server,
  request: Sent,
): Promise<unknown> {
  const notes: unknown[] = [];
  const { opened } = await subject(
    makeServer((what) => notes.push(what)),
    request,
  );
  const reply = await opened.catch(() => undefined);
  const body = reply === undefined ? undefined : (await reply.stream.toArray()).join('');
  return { status: reply?.status, body, notes };
}

class OwnRequest extends IncomingMessage {
  readonly mark?: string = 'mine';
}

class OwnResponse extends ServerResponse {
  override statusCode = 299;
}

describe('an app’s own http.Server behaves in process as behind a port:', () => {
  const servers: Readonly<Record<string, (note: (what: unknown) => void) => Server>> = {
    'it sees its connections before their requests': (note) =>
      createServer((request, response) => {
        note(['request', Reflect.get(request.socket, 'mark')]);
        response.end('seen');
      })
        .on('connection', (socket) => {
          note('connection');
          Object.assign(socket, { mark: 1 });
        })
        .once('connection', () => note('first connection')),
    'it closes a connection at once': (note) =>
      createServer(() => note('request')).on('connection', (socket) => socket.destroy()),
    'its own time limit closes a connection': () => {
      const server = createServer(() => undefined);
      server.timeout = 20;
      return server;
    },
    'its own time limit is answered': () =>
      createServer().setTimeout(20, (socket) => socket.end('HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy')),
    'it has classes of its own for its messages': () =>
      createServer({ IncomingMessage: OwnRequest, ServerResponse: OwnResponse }, (request, response) =>
        response.end(request.mark),
      ),
    'it joins repeated headers': () =>
      createServer({ joinDuplicateHeaders: true }, (request, response) => response.end(request.headers.from)),
    'it joins repeated headers of replies': () =>
      createServer({ uniqueHeaders: ['x-list'] }, (_request, response) => {
        response.setHeader('X-List', ['a', 'b']).flushHeaders();
        response.end(/X-List: .*/.exec(String(Reflect.get(response, '_header')))?.[0]);
      }),
    'it refuses bodies of replies that have none': (note) =>
      createServer({ rejectNonStandardBodyWrites: true }, (_request, response) => {
        try {
          response.writeHead(204).write('no');
        } catch (error) {
          note((error as NodeJS.ErrnoException).code);
        }
        response.end();
      }),
  };
  test.each(Object.entries(servers))('%s', async (_what, makeServer) => {
    const request = sent({ headers: [['From', 'a'], ['From', 'b']] }); // prettier-ignore
    const expected = await outcomeOf(listening, makeServer, request);
    expect(await outcomeOf(inProcess, makeServer, request)).toEqual(expected);
    expect(expected).not.toEqual({ status: 200, body: '', notes: [] });
  });

  test('it answers requests that Node.js does not understand', async () => {
    const makeServer = (note: (what: unknown) => void): Server =>
      createServer(() => note('request')).on('clientError', (error: NodeJS.ErrnoException, socket) => {
        note([error.code, error.message]);
        socket.end('HTTP/1.1 405 No\r\nContent-Length: 2\r\n\r\nno');
      });
    const expected = await outcomeOf(listening, makeServer, sent({ method: 'INVENT' }));
    expect(await outcomeOf(inProcess, makeServer, sent({ method: 'INVENT' }))).toEqual(expected);
    expect(expected).toMatchObject({ status: 405, body: 'no' });
  });

  test('it notices callers that disconnect in the middle of their request', async () => {
    const outcome = async (subject: Subject): Promise<unknown[]> => {
      const notes: unknown[] = [];
      let abandonCall: (() => void) | undefined;
      const server = createServer((request) => {
        request.on('error', () => undefined).once('data', () => abandonCall?.());
      }).on('clientError', (error: NodeJS.ErrnoException, socket) => {
        notes.push([error.code, error.message, socket.destroyed]);
        socket.destroy();
      });
      const { opened, abandon } = await subject(server, sentInParts(Array.from({ length: 1000 }, () => 'part')));
      abandonCall = () => setTimeout(abandon, 10);
      await opened.catch(() => undefined);
      await expect.poll(() => notes).not.toEqual([]);
      return notes;
    };
    expect(await outcome(inProcess)).toEqual(await outcome(listening));
  });
});
