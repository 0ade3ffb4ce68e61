import { performance } from 'node:perf_hooks';
import { codeOf } from '../../core/errors.ts';
import { CallerError, operatorMessage } from '../errors.ts';
import { explained } from '../http/body.ts';
import type { Body, ModelRequest, ModelResponse } from '../http/message.ts';
import { DestinationClosed } from '../http/pump.ts';
import { checkRequest } from './check-request.ts';
import { callerGone, shutDown } from './cut-off.ts';
import { Deadlines } from './deadlines.ts';
import type { Reader } from './failure-reply.ts';
import { GiveUp } from './give-up.ts';
import { callLine } from './log.ts';
import { callDeadline } from './margin.ts';
import type { CallContext, ModelCall, Outcome } from './model-call.ts';
import type { CallSpan } from './traces.ts';
import { checkTransferCoding } from './transfer-coding.ts';
import { writeLine } from './write-line.ts';

/** A call of the model from the platform's event to the last byte of its reply. Its time limit holds until then. */
export class OpenCall {
  /** Undefined if no request could be made of the event. */
  request: ModelRequest | undefined;
  #callerGone = false;
  readonly #context: CallContext;
  readonly #call: ModelCall;
  readonly #received: number;
  #sent: number | undefined;
  #answered: number | undefined;
  #span: CallSpan | undefined;
  readonly #givenUp = new GiveUp();
  readonly #deadline: number;
  readonly #giveUp = (): void => this.#givenUp.abort();

  constructor(context: CallContext, call: ModelCall) {
    this.#context = context;
    this.#call = call;
    this.#received = call.received ?? performance.now();
    this.#deadline = callDeadline(call.end, context.configuration.deadlineMargin);
    deadlines.add(this.#givenUp, this.#deadline);
    context.cut?.addEventListener('abort', this.#giveUp);
    context.observer?.began();
  }

  /** Who reads a failure. */
  get reader(): Reader {
    return this.#context.configuration.errorOutput === 'reply' ? 'operator' : (this.#call.reader ?? 'caller');
  }

  /** Milliseconds since the event arrived. */
  get milliseconds(): number {
    return performance.now() - this.#received;
  }

  /** Builds and sends the request. Resolves with the head of the reply; rejects with any error before it. */
  async send(streamsReply: boolean): Promise<ModelResponse> {
    const signal = this.#givenUp;
    const built = await this.#call.build({ signal, deadline: this.#deadline, streamsReply });
    if ('status' in built) return built;
    this.#span = this.#beginSpan(built);
    const request = this.#span === undefined ? built : { ...built, headers: this.#span.headers };
    this.request = request;
    checkRequest(request);
    this.#sent = performance.now();
    const response = await this.#context.model.handle(request);
    checkTransferCoding(response);
    this.#extend();
    return response;
  }

  #beginSpan(request: ModelRequest | undefined): CallSpan | undefined {
    return this.#context.traces?.begin({ request, id: this.#call.id, received: this.#received });
  }

  /** Gives a reply whose head is there the time that it has for its end. */
  #extend(): void {
    const { streamEnd } = this.#call;
    if (streamEnd === undefined || this.#givenUp.aborted) return;
    deadlines.add(this.#givenUp, callDeadline(streamEnd, this.#context.configuration.deadlineMargin));
  }

  /** Why the call failed: the caller disconnected, the adapter shuts down, the request's body failed, or `error`. */
  async cause(error: unknown): Promise<unknown> {
    // The check must come first: disconnecting makes other errors follow.
    if (this.#callerGone) return callerGone();
    if (this.#context.cut?.aborted === true) return shutDown(error);
    const { body } = this.request ?? {};
    if (body === undefined || Buffer.isBuffer(body) || !body.stream.errored) return error;
    return explained(body, body.stream.errored);
  }

  /** Stops the model server's time: its reply has been read to the end, or has failed. */
  answered(): void {
    this.#answered ??= performance.now();
  }

  /** The connection has become a WebSocket: it lasts for as long as its two ends keep it. */
  liftTimeLimit(): void {
    deadlines.delete(this.#givenUp);
  }

  /** Aborts the call because its caller has disconnected. */
  leave(): void {
    this.#callerGone = true;
    this.#giveUp();
  }

  /** Ends the call and logs it. */
  end({ status, bytes, received, failure: given }: Outcome): void {
    deadlines.delete(this.#givenUp);
    this.#context.cut?.removeEventListener('abort', this.#giveUp);
    this.answered();
    const { id, traceId } = this.#call;
    const failure = given instanceof DestinationClosed ? callerGone() : given;
    if (failure !== undefined && !(failure instanceof CallerError)) {
      console.error(
        `modelwhisk: the reply${id === undefined ? '' : ` of ${id}`} broke off: ${operatorMessage(failure)}`,
      );
    }
    const { observer, configuration } = this.#context;
    const { method, path, body } = this.request ?? {};
    const bytesIn = received ?? receivedOf(body);
    const { milliseconds } = this;
    const modelMilliseconds = this.#sent === undefined ? 0 : (this.#answered ?? 0) - this.#sent;
    observer?.ended({ status, milliseconds, modelMilliseconds, bytesIn: bytesIn ?? 0, bytesOut: bytes });
    const code = failure === undefined ? undefined : (codeOf(failure) ?? 'INTERNAL');
    const span = this.#span ?? this.#beginSpan(undefined);
    span?.end({ status, code, milliseconds });
    if (configuration.log !== 'json') return;
    const line = callLine({
      activationId: id,
      traceId: traceId ?? span?.traceId,
      method,
      path,
      status,
      code,
      milliseconds,
      modelMilliseconds,
      bytesIn,
      bytesOut: bytes,
    });
    if (this.#call.log === undefined) writeLine(line);
    else this.#call.log(line);
  }
}

const deadlines = new Deadlines();

/** Bytes of the body that have arrived. Undefined if they are not counted. */
function receivedOf(body: Body | undefined): number | undefined {
  if (body === undefined || Buffer.isBuffer(body)) return body?.length ?? 0;
  return body.received?.() ?? body.length;
}
