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
  /** Resolves when the head of the reply is there. Rejects with ModelServerError. */
  readonly reply: Promise<ModelResponse>;
  /** Follows the reply to its end, and can end it before. */
  readonly reader: ReplyReader;
}

/**
 * Calls a server in this process through supertest, without HTTP in between. superagent, under supertest, looks up a
 * URL's transport by its scheme; ours hands the request to the server as it is, and the reply back.
 */
export function callInMemory(app: AppServer, request: ModelRequest): InMemoryCall {
  const test = model.get('/').buffer(false).parse(ignoreBody);
  test.method = request.method;
  // Public in superagent, though missing from its types.
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

/** superagent wants a name that begins with "http". */
const scheme = 'http+memory:';
Object.assign(superagent.protocols, { [scheme]: { request: () => new Transport() } });
const model = supertest(`${scheme}//model`);

function ignoreBody(): void {
  // superagent is to leave the body alone.
}

/** What superagent is told of a reply: that it came. Its status, headers and body are for the caller alone. */
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
 * What superagent takes for a http.ClientRequest. Method, path, headers and body are those of the ModelRequest:
 * superagent would normalise the path, merge headers and serialise the body.
 */
class Transport extends EventEmitter implements ReplyReceiver {
  #send: (() => void) | undefined;

  /** Prepares to send this request, and no other. Returns what will read the reply. */
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
    // There is no delay.
  }

  setHeader(): void {
    // superagent's own headers are none of the request's.
  }

  getHeader(): undefined {
    return undefined;
  }
}
