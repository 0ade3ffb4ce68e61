import { boundary, fiveMegabytes, gzipped, multipart, png, wav } from './bodies.ts';
import type { ClientRequest } from './platform-client.ts';

/** The expected outcome of a call. Only the given members are compared. Header names are in lower case. */
export interface Expected {
  /** What the model server must receive: request line, length of the body, all values of each given header. */
  readonly arrives?: Arrival | undefined;
  /** What the client must receive. */
  readonly reply?: Reply | undefined;
}

interface Arrival {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly length?: number;
  readonly headers?: HeaderValues;
}

interface Reply {
  readonly status?: number;
  readonly headers?: HeaderValues;
  /** The bytes, or a pattern for their text. */
  readonly body?: Uint8Array | RegExp;
}

type HeaderValues = Readonly<Record<string, readonly string[]>>;

export interface PlatformCase extends Expected {
  readonly request: Partial<ClientRequest>;
}

export type CaseName = { [Kind in keyof CaseKinds]: keyof CaseKinds[Kind] }[keyof CaseKinds];

/** Path of the predict route in the suite's rows. */
export const predictPath = '/echo/predict';

/** The rules by topic, each a call and its expected outcome. The routes are those of ./servers. */
export function platformCases({ largestBody, replyTooLarge }: CaseSizes) {
  return {
    'methods, paths, queries': requestLines,
    'headers, cookies': requestHeaders,
    'text, JSON, forms': texts,
    'images, WAV, multipart, bytes': { ...binaries, ...sizedBody(largestBody) },
    replies,
    'size, time': { ...sizedReply(replyTooLarge), ...times },
  } satisfies Record<string, Record<string, PlatformCase>>;
}

/** Sizes in bytes: a body that still fits, and a reply over the platform's limit, if it has one. */
export interface CaseSizes {
  readonly largestBody: number;
  readonly replyTooLarge?: number;
}

type CaseKinds = ReturnType<typeof platformCases>;

const json = { 'content-type': ['application/json'] };

const requestLines = {
  'GET arrives as that method': arrivesAs('GET'),
  'POST arrives as that method': arrivesAs('POST'),
  'PUT arrives as that method': arrivesAs('PUT'),
  'PATCH arrives as that method': arrivesAs('PATCH'),
  'DELETE arrives as that method': arrivesAs('DELETE'),
  'OPTIONS arrives as that method': arrivesAs('OPTIONS'),
  'the path "/" is the predict route': {
    request: { method: 'POST', path: '/' },
    arrives: { method: 'POST', path: predictPath },
  },
  'a percent-encoded path arrives as it was sent': {
    request: { path: '/echo/a%2Fb%20c/%C3%A9;v=1/~x' },
    arrives: { path: '/echo/a%2Fb%20c/%C3%A9;v=1/~x' },
  },
  'repeated query keys arrive, in order': {
    request: { path: '/echo', query: 'a=1&a=2&b=3' },
    arrives: { query: 'a=1&a=2&b=3' },
  },
  'a query arrives as it was written': {
    request: { path: '/echo', query: 'b=1&a=2&b=3&empty=&flag&plus=a+b&percent=%20%3d&utf8=%C3%A9' },
    arrives: { query: 'b=1&a=2&b=3&empty=&flag&plus=a+b&percent=%20%3d&utf8=%C3%A9' },
  },
} satisfies Record<string, PlatformCase>;

const requestHeaders = {
  'headers arrive': {
    request: {
      path: '/echo',
      headers: [
        ['Accept', 'image/png;q=0.5, */*'],
        ['X-Quoted', '"a, b"; c'],
        ['Authorization', 'Bearer abc'],
      ],
    },
    arrives: {
      headers: { accept: ['image/png;q=0.5, */*'], 'x-quoted': ['"a, b"; c'], authorization: ['Bearer abc'] },
    },
  },
  'a trace context arrives': {
    request: {
      path: '/echo',
      headers: [
        ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
        ['tracestate', 'congo=t61rcWkgMzE,rojo=00f067aa0ba902b7'],
        ['baggage', 'userId=alice,serverNode=DF%2028;region=eu'],
      ],
    },
    arrives: {
      headers: {
        traceparent: ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
        tracestate: ['congo=t61rcWkgMzE,rojo=00f067aa0ba902b7'],
        baggage: ['userId=alice,serverNode=DF%2028;region=eu'],
      },
    },
  },
  'repeated headers arrive apart': {
    request: {
      path: '/echo',
      headers: [
        ['X-Tag', 'one'],
        ['X-Tag', 'two, three'],
      ],
    },
    arrives: { headers: { 'x-tag': ['one', 'two, three'] } },
  },
  'cookies arrive': {
    request: { path: '/echo', headers: [['Cookie', 'session=abc; theme="dark, blue"']] },
    arrives: { headers: { cookie: ['session=abc; theme="dark, blue"'] } },
  },
  'Latin-1 bytes in a header arrive': {
    request: { path: '/echo', headers: [['X-Name', 'Zo\u00eb']] },
    arrives: { headers: { 'x-name': ['Zo\u00eb'] } },
  },
  'headers of the connection do not arrive': {
    request: {
      path: '/echo',
      headers: [
        ['Connection', 'x-hop'],
        ['X-Hop', '1'],
        // Trailers are passed on, so `TE: trailers` arrives where the platform carries them.
        ['TE', 'gzip'],
      ],
    },
    arrives: { headers: { 'x-hop': [], te: [] } },
  },
} satisfies Record<string, PlatformCase>;

const texts = {
  'text comes back': mirror('text/plain; charset=utf-8', Buffer.from('naïve café 🙂\r\n\0')),
  'text keeps its byte order mark': mirror('text/plain; charset=utf-8', Buffer.from('\uFEFFtext')),
  'Latin-1 text comes back': mirror('text/plain; charset=iso-8859-1', Buffer.from('caf\u00e9', 'latin1')),
  'UTF-16 text comes back': mirror('text/csv; charset=utf-16le', Buffer.from('a;é\n', 'utf16le')),
  'JSON comes back as it was written': mirror(
    'application/json',
    Buffer.from('{ "big": 12345678901234567890, "b": [1.0, null], "b": "é" }\n'),
  ),
  'a short JSON value comes back': mirror('application/json', Buffer.from('true')),
  'JSON that is no object comes back': mirror('application/json', Buffer.from('["AAAA", 1]')),
  'a form comes back': mirror('application/x-www-form-urlencoded', Buffer.from('a=1&a=2&b=x+y%C3%A9')),
  'XML of an image comes back': mirror('image/svg+xml', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')),
} satisfies Record<string, PlatformCase>;

const binaries = {
  'an image comes back': mirror('image/png', png),
  'a WAV file comes back': mirror('audio/wav', wav),
  'multipart comes back': mirror(`multipart/form-data; boundary=${boundary}`, multipart),
  'bytes of an unknown type come back': mirror('application/x-modelwhisk', Buffer.from([0, 255, 254, 128, 10, 13])),
  'bytes under the name of text come back': mirror('text/plain', Buffer.from([0, 255, 254, 128, 10, 13])),
  'an empty body arrives and comes back empty': {
    request: { method: 'POST', path: '/mirror', headers: [['content-type', 'image/png']] },
    reply: { status: 200, body: Buffer.alloc(0) },
  },
} satisfies Record<string, PlatformCase>;

function sizedBody(largestBody: number) {
  const body = fiveMegabytes.subarray(0, largestBody);
  return { 'the largest body comes back': mirror('application/octet-stream', body) };
}

const replies = {
  "status 400 and its body are the client's": hasStatus(400),
  "status 404 and its body are the client's": hasStatus(404),
  "status 413 and its body are the client's": hasStatus(413),
  "status 422 and its body are the client's": hasStatus(422),
  "status 500 and its body are the client's": hasStatus(500),
  "status 503 and its body are the client's": hasStatus(503),
  'repeated Set-Cookie headers stay apart': {
    request: { path: '/headers' },
    reply: { status: 200, headers: { 'set-cookie': ['a=1; Path=/', 'b=2, c; HttpOnly'] } },
  },
  'Latin-1 bytes in a reply header come back': {
    request: { path: '/headers' },
    reply: { headers: { 'x-latin': ['caf\u00e9'] } },
  },
  'a redirect is passed on, not followed': {
    request: { path: '/redirect' },
    reply: { status: 302, headers: { location: ['/echo?from=redirect'] }, body: Buffer.from('moved') },
  },
  'HEAD has the headers of GET and no body': {
    request: { method: 'HEAD', path: '/status/200' },
    reply: { status: 200, headers: json, body: Buffer.alloc(0) },
  },
  '204 has its headers and no body': {
    request: { path: '/bodiless/204' },
    reply: { status: 204, headers: { etag: ['"v1"'] }, body: Buffer.alloc(0) },
  },
  '304 has its headers and no body': {
    request: { path: '/bodiless/304' },
    reply: { status: 304, headers: { etag: ['"v1"'] }, body: Buffer.alloc(0) },
  },
  'a compressed reply stays compressed': {
    request: { path: '/gzip', headers: [['Accept-Encoding', 'gzip']] },
    reply: { status: 200, headers: { 'content-encoding': ['gzip'] }, body: gzipped },
  },
  'a reply that streams comes back whole': {
    request: { path: '/stream' },
    reply: { status: 200, body: Buffer.from('{"n":1}\n{"n":2}\n{"n":3}\n') },
  },
} satisfies Record<string, PlatformCase>;

function sizedReply(replyTooLarge: number | undefined) {
  const whole = { status: 200, body: Buffer.alloc(8_000_000, 'a') };
  const refused = { status: 413, headers: json, body: /\d+ bytes.*limit of \d+.*RESULT_TOO_LARGE/s };
  return {
    'a reply over the size limit is a clear 413, never cut off': {
      request: { path: `/large/${replyTooLarge ?? whole.body.length}` },
      reply: replyTooLarge === undefined ? whole : refused,
    },
  };
}

const times = {
  'a model server that does not answer in time is a 504': {
    request: { path: '/slow', timeLimit: 1500 },
    reply: { status: 504, headers: json, body: /MODEL_TIMEOUT/ },
  },
  'and the next call is answered': { request: { path: '/status/200' }, reply: { status: 200 } },
} satisfies Record<string, PlatformCase>;

/** Sends a body to the server's mirror and expects it back, with its type. */
function mirror(contentType: string, body: Uint8Array): PlatformCase {
  return {
    request: { method: 'POST', path: '/mirror', headers: [['content-type', contentType]], body },
    reply: { status: 200, headers: { 'content-type': [contentType] }, body },
  };
}

function arrivesAs(method: string): PlatformCase {
  return { request: { method, path: '/echo' }, arrives: { method, path: '/echo', query: '', length: 0 } };
}

function hasStatus(status: number): PlatformCase {
  return { request: { path: `/status/${status}` }, reply: { status, headers: json, body: /^\{"status":\s*\d+\}$/ } };
}
