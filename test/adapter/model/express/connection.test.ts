import { IncomingMessage, type Server, ServerResponse, type RequestListener } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { finished } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { expectSameOutcome, sent, sentInParts, type MakeApp } from './outcome.ts';
import { inProcess } from './subjects.ts';

/** The members of a server that apps use through a socket. */
type OwningServer = Pick<Server, 'listenerCount' | 'listening' | 'getConnections' | 'close'> & {
  address(): AddressInfo | null;
};

const post = (): ReturnType<typeof sent> => sent({ method: 'POST', body: Buffer.from('{"a":1}') });

describe('the socket in process behaves for an app as behind a port', () => {
  test('a net.Socket with two addresses, the same for request and response', async () => {
    const { body } = await expectSameOutcome(() => (request, response) => {
      const { socket } = request;
      const { server: owner } = socket as Socket & { server?: OwningServer };
      const facts = {
        classes: [socket instanceof Socket, request instanceof IncomingMessage, response instanceof ServerResponse],
        isShared: response.socket === socket && request.connection === socket,
        addresses: [socket.remoteAddress, socket.remoteFamily, socket.localAddress, socket.localFamily],
        ports: [typeof socket.remotePort, typeof socket.localPort],
        address: Object.keys(socket.address()),
        state: [socket.readyState, socket.connecting, socket.pending, socket.destroyed, socket.closed],
        streams: [socket.readable, socket.writable, socket.writableLength, socket.allowHalfOpen],
        marks: [socket.readableHighWaterMark, socket.writableHighWaterMark, response.writableHighWaterMark],
        isEncrypted: 'encrypted' in socket,
        counts: [typeof socket.bytesRead, typeof socket.bytesWritten],
        isServed: owner?.listenerCount('request') === 1,
        isListening: [owner?.listening, typeof owner?.address()?.port],
        waiting: [socket.bufferSize, socket.writableLength],
        upgrade: (request as { upgrade?: boolean }).upgrade,
        isChained: [
          socket.setNoDelay(),
          socket.setKeepAlive(),
          socket.ref(),
          socket.unref(),
          socket.setTimeout(0),
        ].every((each) => each === socket),
      };
      response.end(JSON.stringify(facts));
    });
    expect(JSON.parse(body)).toMatchObject({ isShared: true, isServed: true, isChained: true });
  });

  test('counts the bytes of a text, not its characters', async () => {
    const { body } = await expectSameOutcome(() => (request, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.flushHeaders();
      setImmediate(() => {
        const before = request.socket.bytesWritten;
        response.write('üüü ', () => response.end(String(request.socket.bytesWritten - before).padEnd(3)));
      });
    });
    expect(body).toMatch(/ 7 {2}$/);
  });

  test('counts also what it has not sent yet', async () => {
    const app: MakeApp = (note) => (request, response) => {
      response.write('abc');
      note(request.socket.bytesWritten > 0);
      response.end();
    };
    expect((await expectSameOutcome(app)).notes).toEqual([true]);
  });

  test('counts the bytes of the request, its head among them', async () => {
    const app: MakeApp = (note) => (request, response) => {
      note(request.socket.bytesRead);
      request.resume().on('end', () => {
        note(request.socket.bytesRead);
        response.end();
      });
    };
    const { notes } = await expectSameOutcome(app);
    expect(notes[0]).toBeGreaterThan('GET / HTTP/1.1'.length);
    const headers = [['X-Byte', 'é'], ['x-empty', '']] as const; // prettier-ignore
    await expectSameOutcome(app, () => sent({ method: 'POST', path: '/a', query: 'b=%C3%BC', headers, body: Buffer.alloc(5000) })); // prettier-ignore
  });

  test('ends before it is closed by its caller', async () => {
    const app: MakeApp = (note) => (request, response) => {
      for (const name of ['end', 'finish', 'close']) request.socket.on(name, () => note(name));
      finished(request.socket, (error) => note(error?.code));
      response.end('done');
    };
    expect((await expectSameOutcome(app)).notes).toContain('end');
    expect((await expectSameOutcome(app, post)).notes).toContain('end');
  });

  test('has a port of its own while it is open', async () => {
    const ports = new Set<number | undefined>();
    const replies = Array.from({ length: 3 }, async () => {
      const { opened } = await inProcess((request, response) => {
        ports.add(request.socket.remotePort).add(request.socket.remotePort);
        setTimeout(() => response.end(), 5);
      }, sent());
      return opened;
    });
    await Promise.all(replies);
    expect(ports.size).toBe(3);
  });

  test('is counted by its server, which closes after it', async () => {
    const app: MakeApp = (note) => (request, response) => {
      const { server } = request.socket as Socket & { server?: OwningServer };
      request.socket.on('close', () => server?.getConnections((_error, count) => note(['left', count])));
      server?.getConnections((_error, count) => note(['open', count]));
      server?.close((error) => note(['closed', error?.message]));
      note(server?.listening);
      setTimeout(() => {
        note('replies');
        response.end();
      }, 20);
    };
    const { notes } = await expectSameOutcome(app);
    expect(notes).toEqual(expect.arrayContaining([false, ['open', 1], 'replies', ['closed', undefined]]));
    expect(notes.at(-1)).not.toBe('replies');
  });

  const closings: Readonly<Record<string, RequestListener>> = {
    'replies at once': (_request, response) => response.end('done'),
    'replies later': (_request, response) => void setTimeout(() => response.end('done'), 5),
    'reads the body first': (request, response) => void request.on('end', () => response.end('done')).resume(),
    'replies in parts': (_request, response) => {
      response.write('a');
      setTimeout(() => response.end('b'), 5);
    },
    'asks for the connection to be closed': (_request, response) =>
      response.setHeader('connection', 'close').end('done'),
    'destroys the request without a reply': (request) => void request.destroy(),
    'destroys the request with an error': (request) => void request.destroy(failure()),
    'destroys the response without a reply': (_request, response) => void response.destroy(),
    'destroys the response with an error': (_request, response) => void response.destroy(failure()),
    'destroys the socket without a reply': (request) => void request.socket.destroy(),
    'destroys the socket with an error': (request) => void request.socket.destroy(failure()),
    'ends the socket without a reply': (request) => void request.socket.end(),
    'destroys the socket as soon as all is written': (request) => request.socket.destroySoon(),
    'destroys the request when its reply is finished': (request, response) =>
      response.on('finish', () => request.destroy()).end('done'),
    'destroys the response when it is finished': (_request, response) =>
      response.on('finish', () => response.destroy()).end('done'),
    'destroys the socket when the reply is finished': (request, response) =>
      response.on('finish', () => request.socket.destroy()).end('done'),
    'ends the socket after its reply': (request, response) => response.end('done', () => request.socket.end()),
    'destroys the socket right after its reply': (request, response) => {
      response.end('done');
      request.socket.destroy();
    },
    'breaks its reply off': (request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('half', () => request.socket.destroy());
    },
    'breaks off a reply in chunks': (request, response) => {
      response.write('half', () => request.destroy());
    },
    'resets the connection without a reply': (request) => void request.socket.resetAndDestroy(),
    'resets the connection in the middle of its reply': (request, response) => {
      response.write('half', () => setTimeout(() => request.socket.resetAndDestroy(), 10));
    },
    'resets a connection whose end would be the end of the reply': (request, response) => {
      response.useChunkedEncodingByDefault = false;
      response.write('half', () => setTimeout(() => request.socket.resetAndDestroy(), 10));
    },
    'ends the socket in the middle of its reply': (request, response) => {
      response.write('half', () => request.socket.end());
    },
  };
  test.each(Object.entries(closings))('where the app %s', async (_what, handle) => {
    await expectSameOutcome(() => handle);
    await expectSameOutcome(() => handle, post);
  });

  test('where the app destroys the response while its request arrives', async () => {
    const app: MakeApp = () => (request, response) => {
      request.on('error', () => undefined).once('data', () => response.destroy());
    };
    const { events } = await expectSameOutcome(app, () => sentInParts(['one', 'two', 'three']));
    expect(events).not.toContain('request end');
  });

  test('if the app destroys the request when the response is closed', async () => {
    await expectSameOutcome(() => (request, response) => response.on('close', () => request.destroy()).end('done'));
  });

  test('accepts an app’s writes that bypass the response', async () => {
    const raw: MakeApp = () => (request) => {
      request.socket.write('HTTP/1.1 203 Well\r\nContent-Le');
      request.socket.write(Buffer.from('ngth: 4\r\nX-Two:  words \r\n\r\nab'));
      request.socket.end('cd');
    };
    expect(await expectSameOutcome(raw)).toMatchObject({ status: 203, body: 'abcd', headers: [['content-length', '4'], ['x-two', 'words']] }); // prettier-ignore
  });

  test('serves an app that takes it over from the response', async () => {
    const takeover: MakeApp = () => (request, response) => {
      response.detachSocket(request.socket);
      request.socket.end(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nabc\r\n0\r\nX-After: yes\r\n\r\n',
      );
    };
    expect(await expectSameOutcome(takeover)).toMatchObject({
      status: 200,
      body: 'abc',
      trailers: [['X-After', 'yes']],
    });
  });
});

describe('a timeout in process fires as behind a port', () => {
  const limits: Readonly<Record<string, RequestListener>> = {
    'of a response, which then replies': (_request, response) => {
      response.setTimeout(20, () => response.writeHead(503).end('late'));
    },
    'of a request that is complete, which closes the connection': (request) => void request.setTimeout(20),
    'of a socket, which then replies': (request, response) =>
      void request.socket.setTimeout(20, () => response.end('late')),
    'of a socket that nobody listens to, which closes the connection': (request) => void request.socket.setTimeout(20),
    'that is taken back, which does nothing': (request, response) => {
      request.socket.setTimeout(10, () => response.end('too early'));
      response.setTimeout(0);
      setTimeout(() => response.end('in time'), 40);
    },
    'which each write sets back': (_request, response) => {
      response.setTimeout(350, () => response.end('silent'));
      for (const moment of [200, 400]) setTimeout(() => response.write('x'), moment);
    },
  };
  test.each(Object.entries(limits))('%s', async (_what, handle) => {
    const outcome = await expectSameOutcome(() => handle);
    expect([outcome.body, outcome.isBroken]).not.toEqual(['', false]);
  });

  test.each(['request', 'socket'] as const)('of a %s, which each part of a body sets back', async (which) => {
    const app: MakeApp = (note) => (request, response) => {
      const timed = which === 'request' ? request : request.socket;
      timed.setTimeout(1000, () => note('silent'));
      request.resume().on('end', () => {
        request.setTimeout(0);
        response.end('all of it');
      });
    };
    const { body, notes } = await expectSameOutcome(app, () => sentInParts(['a', 'b', 'c', 'd'], {}, 300));
    expect([body, notes]).toEqual(['all of it', []]);
  });
});

function failure(): Error {
  return Object.assign(new Error('the app wanted it so'), { code: 'MINE' });
}
