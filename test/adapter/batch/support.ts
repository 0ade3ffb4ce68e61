import { batch, type BatchRoute } from '../../../core/batch-row.ts';
import { batchingModel } from '../../../adapter/batch/batching-model.ts';
import type { Header, ModelRequest, ModelResponse, WholeRequest } from '../../../adapter/http/message.ts';
import type { ModelServer } from '../../../adapter/model/model-server.ts';

export const path = '/v1/models/m:predict';

export function routeOf(options: Partial<BatchRoute> = {}): BatchRoute {
  return batch.parse({ path, input: '/instances', output: '/predictions', ...options });
}

/** Uses a timer that vitest can fake, unlike node:timers/promises. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/** A test's call: the body, and everything that differs from the defaults. */
export interface CallOptions extends Partial<Omit<ModelRequest, 'body'>> {
  readonly more?: readonly Header[];
}

export function requestOf(body: string, { more = [], ...options }: CallOptions = {}): WholeRequest {
  return {
    method: 'POST',
    path,
    query: '',
    headers: [['content-type', 'application/json'], ...more],
    signal: new AbortController().signal,
    deadline: Date.now() + 60_000,
    ...options,
    body: Buffer.from(body),
  };
}

export function json(text: string, status = 200, more: readonly Header[] = []): ModelResponse {
  return { status, headers: [['content-type', 'application/json'], ...more], body: Buffer.from(text) };
}

/** The text of a whole reply. */
export function textOf({ body }: ModelResponse): string {
  if (Buffer.isBuffer(body)) return body.toString();
  throw new Error('the body of the reply is a stream');
}

/** A model server that answers by `answer` and keeps the requests that it received. */
export function modelThat(answer: (request: WholeRequest, body: string) => Promise<ModelResponse> | ModelResponse) {
  const requests: WholeRequest[] = [];
  const model: ModelServer = {
    ready: () => Promise.resolve(),
    configure: () => Promise.resolve(),
    close: () => Promise.resolve(),
    handle: async (request) => {
      if (!Buffer.isBuffer(request.body)) throw new Error('the test sends whole bodies only');
      const whole: WholeRequest = { ...request, body: request.body };
      requests.push(whole);
      return answer(whole, whole.body.toString());
    },
  };
  return { model, requests, bodies: () => requests.map(({ body }) => body.toString()) };
}

/** Doubles the elements of the list after a delay, and writes JSON like Python. */
export function doubling(milliseconds = 10) {
  return modelThat(async (_request, body) => {
    await sleep(milliseconds);
    const { instances } = JSON.parse(body) as { instances: number[] };
    return json(`{"predictions": [${instances.map((value) => value * 2).join(', ')}], "model": "m"}`);
  });
}

export function batching(model: ModelServer, options: Partial<BatchRoute> = {}, maximumReply = 1_000_000) {
  const batched = batchingModel(model, routeOf(options), maximumReply);
  return {
    /** The body of the reply to a call with this body. */
    text: async (body: string, call?: CallOptions): Promise<string> =>
      textOf(await batched.handle(requestOf(body, call))),
    handle: (body: string, call?: CallOptions): Promise<ModelResponse> => batched.handle(requestOf(body, call)),
    model: batched,
  };
}
