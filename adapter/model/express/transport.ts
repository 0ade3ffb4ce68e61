import supertest from 'supertest';
import type { ModelRequest, ModelResponse } from '../../http/message.ts';
import type { ModelServerError } from '../../errors.ts';
import type { AppServer } from './app-server.ts';
import { CallScope } from './call-scope.ts';
import { closeUnended } from './close-unended.ts';
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
 * Calls a server in this process through supertest, without HTTP. superagent, which supertest uses, makes an
 * http.ClientRequest only if its `req` is missing. So a transport of our own takes that place.
 */
export function callInMemory(app: AppServer, request: ModelRequest): InMemoryCall {
  const test = model.get('/').buffer(false).parse(ignoreBody);
  test.method = request.method;
  const transport = new Transport(app, request);
  Object.assign(test, { req: transport });
  const reply = new Promise<ModelResponse>((fulfil, reject) => {
    transport.onFailure = reject;
    test.end((error: unknown, response: unknown) => {
      if (error) reject(error);
      else fulfil((response as { readonly res: CarriedReply }).res.reply);
    });
  });
  return { reply, reader: transport.reader };
}

/** superagent does not use the URL, as it makes no request of its own. */
const model = supertest('http://model');

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
class Transport implements ReplyReceiver {
  readonly reader: ReplyReader;
  /** Receives the failure of the call. */
  onFailure: ((error: ModelServerError) => void) | undefined;
  readonly #send: () => void;
  #onReply: ((reply: CarriedReply) => void) | undefined;

  constructor(app: AppServer, request: ModelRequest) {
    const scope = new CallScope();
    this.reader = new ReplyReader(request, this, scope, {
      hangUp: () => socket.hangUp(),
      isObserved: () => socket.isObserved(),
    });
    const socket = new MemorySocket(this.reader);
    this.reader.onComplete = () => closeUnended(socket);
    this.#send = () => serve(app, request, socket, scope);
  }

  /** Called by superagent, which waits for the reply. */
  once(_event: 'response', listener: (reply: CarriedReply) => void): void {
    this.#onReply = listener;
  }

  /** Called by superagent. */
  end(): void {
    this.#send();
  }

  reply(response: ModelResponse): void {
    this.#onReply?.(new CarriedReply(response));
  }

  fail(error: ModelServerError): void {
    this.onFailure?.(error);
  }

  /** The request does not get superagent's own headers. */
  getHeader(): undefined {
    return undefined;
  }
}
