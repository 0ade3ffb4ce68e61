import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';

/** A fault of one request on its way to the registry. */
export type Fault =
  /** The proxy answers itself. The registry does not get the request. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: http.OutgoingHttpHeaders;
      readonly body?: string;
    }
  /** Breaks the connection after this number of bytes of the request's body. */
  | { readonly kind: 'reset-request'; readonly after: number }
  /** Passes the request on, and breaks the connection after this number of bytes of the answer's body. */
  | { readonly kind: 'reset-response'; readonly after: number }
  /** Passes the request on, but breaks the connection instead of returning the answer. */
  | { readonly kind: 'lose-answer' }
  /** Changes the first byte of the answer's body. */
  | { readonly kind: 'corrupt-response' }
  /** Changes the first byte of the request's body. */
  | { readonly kind: 'corrupt-request' }
  /** Ends the answer's body early, with a Content-Length that agrees. */
  | { readonly kind: 'truncate-response'; readonly after: number }
  /** Sends the answer's body byte by byte, with this pause in milliseconds. */
  | { readonly kind: 'drip-response'; readonly interval: number }
  /** Answers with another status or other headers; one that is undefined is left out. */
  | {
      readonly kind: 'change-response';
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string | undefined>>;
    }
  /** Never answers. */
  | { readonly kind: 'hang' };

export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
}

export interface FaultProxy {
  readonly host: string;
  /** Every request so far. */
  readonly seen: readonly SeenRequest[];
  /** Bytes of request bodies so far. */
  readonly sent: () => number;
  readonly close: () => Promise<void>;
}

/** A real proxy before a real registry. `decide` chooses the fault of a request, if any. */
export async function startFaultProxy(
  upstream: string,
  decide: (request: SeenRequest) => Fault | undefined = () => undefined,
): Promise<FaultProxy> {
  const seen: SeenRequest[] = [];
  let sent = 0;
  const server = http.createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const fault = decide({ method, url, headers });
    seen.push({ method, url, headers });
    request.on('data', (chunk: Buffer) => (sent += chunk.length));
    handle(upstream, request, response, fault);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    sent: () => sent,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function handle(upstream: string, request: http.IncomingMessage, response: http.ServerResponse, fault?: Fault): void {
  if (fault?.kind === 'answer') {
    request.resume();
    response.writeHead(fault.status, fault.headers).end(fault.body ?? '');
    return;
  }
  if (fault?.kind === 'hang') {
    request.resume();
    return;
  }
  const breakOff = (): void => void request.socket.resetAndDestroy();
  const forward = http.request({
    host: upstream.split(':')[0],
    port: upstream.split(':')[1],
    method: request.method,
    path: request.url,
    headers: request.headers,
  });
  forward.on('error', breakOff);
  request.on('error', () => forward.destroy());
  const upload =
    fault?.kind === 'reset-request'
      ? cutOff(fault.after, () => {
          forward.destroy();
          breakOff();
        })
      : fault?.kind === 'corrupt-request'
        ? corrupt()
        : undefined;
  (upload === undefined ? request : request.pipe(upload)).pipe(forward);
  forward.once('response', (answer) => respond(answer, response, fault, breakOff));
}

function respond(
  answer: http.IncomingMessage,
  response: http.ServerResponse,
  fault: Fault | undefined,
  breakOff: () => void,
): void {
  const status = answer.statusCode ?? 500;
  answer.on('error', breakOff);
  switch (fault?.kind) {
    case 'lose-answer':
      answer.resume();
      breakOff();
      return;
    case 'reset-response':
      answer.pipe(cutOff(fault.after, breakOff)).pipe(response.writeHead(status, answer.headers));
      return;
    case 'truncate-response': {
      const length = { 'content-length': String(fault.after) };
      answer.pipe(keepOnly(fault.after)).pipe(response.writeHead(status, { ...answer.headers, ...length }));
      return;
    }
    case 'corrupt-response':
      answer.pipe(corrupt()).pipe(response.writeHead(status, answer.headers));
      return;
    case 'drip-response':
      answer.pipe(drip(fault.interval)).pipe(response.writeHead(status, answer.headers));
      return;
    case 'change-response': {
      const headers = Object.entries({ ...answer.headers, ...fault.headers }).filter(
        ([, value]) => value !== undefined,
      );
      answer.pipe(response.writeHead(fault.status ?? status, Object.fromEntries(headers)));
      return;
    }
    case 'answer':
    case 'reset-request':
    case 'corrupt-request':
    case 'hang':
    case undefined:
      answer.pipe(response.writeHead(status, answer.headers));
  }
}

function cutOff(after: number, breakOff: () => void): Transform {
  let left = after;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      this.push(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) setImmediate(breakOff);
      else done();
    },
  });
}

function keepOnly(size: number): Transform {
  let left = size;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, chunk.subarray(0, Math.max(0, left)));
      left -= chunk.length;
    },
  });
}

function corrupt(): Transform {
  let first = true;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const copy = Buffer.from(chunk);
      if (first) copy[0] = (copy[0] ?? 0) ^ 0xff;
      first = false;
      done(null, copy);
    },
  });
}

function drip(interval: number): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let index = 0;
      const timer = setInterval(() => {
        if (index < chunk.length) this.push(chunk.subarray(index, ++index));
        else {
          clearInterval(timer);
          done();
        }
      }, interval);
      this.once('close', () => clearInterval(timer));
    },
  });
}
