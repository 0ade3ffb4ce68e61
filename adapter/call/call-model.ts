import { performance } from 'node:perf_hooks';
import { checkRequest } from './check-request.ts';
import { decodeContent } from './content-encoding.ts';
import { failureResponse } from './failure-reply.ts';
import { collectBody } from '../http/body.ts';
import type { ModelRequest, WholeRequest, WholeResponse } from '../http/message.ts';
import { ModelServerError } from '../errors.ts';
import type { ModelServer } from '../model/model-server.ts';

/** One call of the model and what became of it; a call that failed has a reply, too. */
export interface Call {
  readonly response: WholeResponse;
  /** Undefined when the event could not be made into a request. */
  readonly request: WholeRequest | undefined;
  readonly modelMilliseconds: number;
  readonly milliseconds: number;
}

/** What calls need. */
export interface CallContext {
  readonly model: ModelServer;
  readonly configuration: CallSettings;
  /** Aborted when the adapter shuts down and cannot wait for the calls in progress any longer. */
  readonly cut?: AbortSignal;
}

/** The settings that calls need. */
export interface CallSettings {
  /** Whether one JSON line per activation goes to stdout. */
  readonly log: 'json' | 'off';
  /** Milliseconds before the deadline at which a running call is given up, so that its 504 still arrives. */
  readonly deadlineMargin: number;
}

/** What a platform's request builder needs besides the event. */
export type CallLimits = Pick<ModelRequest, 'signal' | 'deadline'>;

/**
 * Builds the request and sends it to the model server. Never throws: whatever goes wrong is a reply (see
 * failureResponse).
 *
 * @param end when the platform stops waiting, in epoch milliseconds; the call is given up a margin earlier, so that
 *   its 504 still arrives. Undefined or in the past: 60 seconds from now, OpenWhisk's standard limit
 *   (`whisk.time-limit.std`).
 * @param contentEncoding "decode" undoes the reply's, for platforms that move text as text
 * @param caller aborted when the caller is gone, which gives the call up
 */
export async function callModel(
  context: CallContext,
  end: number | undefined,
  build: (limits: CallLimits) => WholeRequest | Promise<WholeRequest>,
  contentEncoding: 'decode' | 'keep' = 'decode',
  caller?: AbortSignal,
): Promise<Call> {
  const started = performance.now();
  const deadline = callDeadline(end, context.configuration.deadlineMargin);
  const givenUp = new AbortController();
  const giveUp = (): void => givenUp.abort();
  const timer = setTimeout(giveUp, Math.min(Math.max(deadline - Date.now(), 0), longestTimer));
  caller?.addEventListener('abort', giveUp);
  context.cut?.addEventListener('abort', giveUp);
  let request: WholeRequest | undefined;
  let modelMilliseconds = 0;
  let response: WholeResponse;
  try {
    request = await build({ signal: givenUp.signal, deadline });
    checkRequest(request);
    const sent = performance.now();
    const encoded = await handleWhole(context.model, request).finally(() => {
      modelMilliseconds = performance.now() - sent;
    });
    response = contentEncoding === 'keep' ? encoded : await decodeContent(encoded, maximumDecoded);
  } catch (error) {
    const failure = context.cut?.aborted === true ? shutDownError(error) : error;
    response = failureResponse(failure, performance.now() - started);
  } finally {
    clearTimeout(timer);
    caller?.removeEventListener('abort', giveUp);
    context.cut?.removeEventListener('abort', giveUp);
  }
  return { response, request, modelMilliseconds, milliseconds: performance.now() - started };
}

function shutDownError(cause: unknown): ModelServerError {
  const message = 'the container is stopped, and the call was not finished in time';
  const hint = 'call again: another container answers. MODELWHISK_DRAIN_TIMEOUT says how long calls get';
  return new ModelServerError('SHUT_DOWN', message, { hint, cause });
}

async function handleWhole(model: ModelServer, request: ModelRequest): Promise<WholeResponse> {
  const response = await model.handle(request);
  const body = await collectBody(response.body, maximumDecoded);
  if (body !== undefined) return { ...response, body };
  throw new ModelServerError('MODEL_REPLY', `the model server's reply is over ${maximumDecoded} bytes`);
}

/** Node.js takes a longer one for 1 ms. */
const longestTimer = 2 ** 31 - 1;

/** Largest reply, in bytes, once its content encoding is undone. */
export const maximumDecoded = 32 * 1024 * 1024;

/** A short limit gets a short margin: never more than a tenth of the time there is. */
function callDeadline(end: number | undefined, margin: number): number {
  const now = Date.now();
  // One that has passed already tells of clocks that differ: no platform calls when it no longer waits.
  const limit = end !== undefined && end > now ? end : now + 60_000;
  return limit - Math.min(margin, Math.max(limit - now, 0) / 10);
}
