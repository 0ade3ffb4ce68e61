import { messageOf } from '../../core/errors.ts';
import { collectBody } from '../http/body.ts';
import type { ModelRequest } from '../http/message.ts';
import type { ModelServer } from './model-server.ts';

/** A request that is sent before calls are taken, so that the first of them does not wait for what a model does once. */
export interface WarmUp {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** JSON; undefined for no body. */
  readonly body: string | undefined;
}

/**
 * The model server, ready only once it has answered the warm-up. A warm-up that fails is reported in the log, and
 * changes nothing else. It is not repeated after a restart.
 */
export function withWarmUp(model: ModelServer, warmUp: WarmUp): ModelServer {
  const warmed = model.ready().then(
    () => send(model, warmUp),
    () => undefined,
  );
  return {
    ...(model.launched !== undefined && { launched: model.launched }),
    ready: async () => {
      await model.ready();
      await warmed;
    },
    handle: (request) => model.handle(request),
    configure: (environment) => model.configure(environment),
    renewConnections: () => model.renewConnections?.(),
    close: () => model.close(),
  };
}

async function send(model: ModelServer, { method, path: target, body }: WarmUp): Promise<void> {
  const [path = '', query = ''] = target.split(/\?(.*)/s);
  const started = performance.now();
  const request: ModelRequest = {
    method,
    path,
    query,
    headers: body === undefined ? [] : [['content-type', 'application/json']],
    body: Buffer.from(body ?? ''),
    signal: AbortSignal.timeout(longest),
    deadline: Date.now() + longest,
  };
  try {
    const response = await model.handle(request);
    await collectBody(response.body);
    const milliseconds = Math.round(performance.now() - started);
    console.log(
      `modelwhisk: the warm-up ${method} ${target} was answered with ${response.status} in ${milliseconds} ms`,
    );
  } catch (error) {
    console.error(`modelwhisk: the warm-up ${method} ${target} failed: ${messageOf(error)}`);
  }
}

/** Milliseconds. */
const longest = 300_000;
