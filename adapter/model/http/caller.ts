import type { HttpServerRow } from '../../../core/row.ts';
import { isRefused, ModelServerError } from '../../errors.ts';
import { discardBody, readAhead } from '../../http/body.ts';
import type { BodyStream, ModelRequest, ModelResponse } from '../../http/message.ts';
import { unlessAborted } from '../abort.ts';
import { atOuterAddress } from '../outer-address.ts';
import { pauseWhileBusy } from './busy.ts';
import { applyFailureRule } from './failure.ts';
import { withoutStreaming } from './no-stream.ts';
import { RepeatableBody } from './repeatable-body.ts';
import type { RunningServer } from './running-server.ts';
import { exitAfter } from './server-exit.ts';
import type { Supervisor } from './supervisor.ts';

export interface CallerOptions {
  readonly row: HttpServerRow;
  readonly supervisor: Supervisor;
  /** Longest body that is read as a whole if necessary, in bytes. */
  readonly maximumBody: number;
  /** Whether the model server was closed. */
  readonly isClosed: () => boolean;
}

/**
 * Calls the server that the supervisor keeps running, as ModelServer.handle describes it. A call that never reached the
 * server, or that the row's `busy` status refused, is sent again; so is, once, one whose server was killed from outside
 * just then. The outcome of each call is reported to the supervisor.
 */
export function createCaller({
  row,
  supervisor,
  maximumBody,
  isClosed,
}: CallerOptions): (request: ModelRequest) => Promise<ModelResponse> {
  return async (request) => {
    const { streamsReply = false } = request;
    const whole = row.busy === undefined ? request : await readWhole(request);
    const sent = row.forceNoStream && !streamsReply ? await unstreamed(whole) : whole;
    const repeatable = Buffer.isBuffer(sent.body) ? undefined : new RepeatableBody(sent.body, sameInstant);
    let outgoing = repeatable === undefined ? sent : { ...sent, body: repeatable.body };
    let refusals = 0;
    for (let repeated = false; ;) {
      const server = await unlessAborted(
        request.signal,
        'the model server was not ready in time',
        supervisor.running(),
      );
      const began = performance.now();
      const callEnded = server.callBegan();
      try {
        const response = followed(await server.client.call(outgoing), server, callEnded);
        const reply = await applyFailureRule(row.failure, response, { streamsReply, limit: maximumBody });
        if (reply.status >= 400) server.health.callFailed();
        if (reply.status === row.busy && Buffer.isBuffer(sent.body)) {
          await pauseWhileBusy(reply, refusals, request.signal);
          refusals += 1;
          continue;
        }
        return atOuterAddress(reply, sent, row.port);
      } catch (error) {
        callEnded();
        if (isRefused(error)) {
          // A background server has ended unnoticed. The call never reached it, so it can wait for the restart.
          supervisor.lost(server, 'no longer accepts connections');
          continue;
        }
        const exiting = exitAfter(error, server);
        const isRepeated: boolean =
          !repeated && !isClosed() && performance.now() - began < sameInstant && (await exiting)?.byOthers === true;
        const body = Buffer.isBuffer(outgoing.body) ? outgoing.body : repeatable?.again();
        if (!isRepeated || body === undefined) {
          const cause = await explain(server, error, exiting);
          // Only now, because the end of the connection first stops the body that was being sent.
          if (repeatable !== undefined) discardBody(outgoing.body);
          throw cause;
        }
        outgoing = { ...outgoing, body };
        repeated = true;
      }
    }
  };

  /** Turns off streaming in the request's JSON. A body over the limit stays unchanged. */
  async function unstreamed(request: ModelRequest): Promise<ModelRequest> {
    const { body, ...others } = await readWhole(request);
    return Buffer.isBuffer(body) ? withoutStreaming({ ...others, body }) : { ...others, body };
  }

  /** A body that is too long to be read whole stays a stream. */
  async function readWhole(request: ModelRequest): Promise<ModelRequest> {
    return { ...request, body: await readAhead(request.body, maximumBody, { signal: request.signal }) };
  }

  /** Reports the reply's end to the supervisor, and explains an interrupted reply. */
  function followed(response: ModelResponse, server: RunningServer, callEnded: () => void): ModelResponse {
    const { status, body } = response;
    if (Buffer.isBuffer(body)) {
      callEnded();
      supervisor.answered(server, status < 400);
      return response;
    }
    body.stream.once('close', callEnded);
    body.stream.once('end', () => supervisor.answered(server, status < 400));
    const stream: BodyStream = {
      ...body,
      explain: async (error) => explain(server, (await body.explain?.(error)) ?? error),
    };
    return { ...response, body: stream };
  }

  async function explain(server: RunningServer, error: unknown, exiting = exitAfter(error, server)): Promise<unknown> {
    if (!(error instanceof ModelServerError)) return error;
    if (error.code === 'MODEL_TIMEOUT') supervisor.timedOut(server);
    if (error.code !== 'MODEL_CRASHED') return error;
    if (isClosed()) return new ModelServerError('SHUT_DOWN', 'the model server was stopped', { cause: error });
    server.health.callFailed();
    const exit = await exiting;
    const loss = supervisor.lossOf(server);
    if (exit === undefined && loss === undefined) return error;
    // A server that was stopped because of a problem exits as well.
    const what = exit?.what === loss || loss === undefined ? `${exit?.what} during the call` : loss;
    return new ModelServerError('MODEL_CRASHED', `the model server ${what}`, {
      output: server.lastOutput(),
      hint: 'It is restarted; the next call waits for it',
      cause: error,
    });
  }
}

/**
 * If the server is killed from outside within these milliseconds after a call was sent, the call is repeated once on
 * the next server. Only once, because a SIGKILL may also mean that this call needs too much memory.
 */
const sameInstant = 250;
