import { EventEmitter } from 'node:events';
import superagent from 'superagent';
import supertest from 'supertest';
import type { ModelRequest, ModelResponse } from '../../http/message.ts';
import type { ModelServerError } from '../../errors.ts';
import type { AppServer } from './app-server.ts';
import { ReplyReader, type ReplyReceiver } from './reply-reader.ts';
import { serve } from './serve.ts';
import { MemorySocket } from './socket.ts';

export interface InMemoryCall {
  /** Resolves with the head of the reply. Rejects with ModelServerError. */
  readonly reply: Promise<ModelResponse>;
  /** Reads the reply to its end. Its `fail` ends it earlier. */
  readonly reader: ReplyReader;
}

/**
 * Calls a server in this process through supertest, without HTTP. superagent, which supertest uses, selects a transport
 * by the URL's scheme. Our transport passes the request and the reply on unchanged.
 */
export function callInMemory(app: AppServer, request: ModelRequest): InMemoryCall {
  const test = model.get('/').buffer(false).parse(ignoreBody);
  test.method = request.method;
  // superagent documents this method, but its types lack it.
  const transport = (test as unknown as { request(): Transport }).request();
  const reader = transport.connect(app, request);
  const reply = new Promise<ModelResponse>((fulfil, reject) => {
    test.end((error: unknown, response: unknown) => {
      if (error) reject(error);
      else fulfil((response as { readonly res: CarriedReply }).res.reply);
    });
  });
  return { reply, reader };
}

/** superagent requires a scheme that starts with "http". */
const scheme = 'http+memory:';
Object.assign(superagent.protocols, { [scheme]: { request: () => new Transport() } });
const model = supertest(`${scheme}//model`);

function ignoreBody(): void {
  // superagent must not read the body.
}

/** The reply for superagent, which needs no details. callInMemory takes the real reply out of it. */
class CarriedReply {
  readonly statusCode = 200;
  readonly headers = {};
  readonly reply: ModelResponse;

  constructor(reply: ModelResponse) {
    this.reply = reply;
  }

  on(): this {
    return this;
  }

  once(): this {
    return this;
  }

  setEncoding(): this {
    return this;
  }
}

/**
 * superagent uses this like an http.ClientRequest. Method, path, headers and body come from the ModelRequest, because
 * superagent would normalise the path, merge headers and serialise the body.
 */
class Transport extends EventEmitter implements ReplyReceiver {
  #send: (() => void) | undefined;

  /** Prepares to send one request. Returns the reader of its reply. */
  connect(app: AppServer, request: ModelRequest): ReplyReader {
    const reader = new ReplyReader(request.method, this, () => socket.destroy());
    const socket = new MemorySocket(reader);
    this.#send = () => serve(app, request, socket);
    return reader;
  }

  /** Called by superagent. */
  end(): void {
    this.#send?.();
  }

  reply(response: ModelResponse): void {
    this.emit('response', new CarriedReply(response));
  }

  fail(error: ModelServerError): void {
    this.emit('error', error);
  }

  setNoDelay(): void {
    // Nothing to do in memory.
  }

  setHeader(): void {
    // The request must not get superagent's own headers.
  }

  getHeader(): undefined {
    return undefined;
  }
}
