import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { CallerError } from '../../errors.ts';
import { callModel, maximumDecoded, type Call } from '../../call/call-model.ts';
import { decodeContent } from '../../call/content-encoding.ts';
import { failureResponse } from '../../call/failure-reply.ts';
import { logCall } from '../../call/log.ts';
import type { WholeRequest, WholeResponse } from '../../http/message.ts';
import type { PlatformContext } from '../platform.ts';
import { readRequest } from './request.ts';
import { sendResponse } from './response.ts';

/** What a platform that speaks plain HTTP adds to passing requests on. */
export interface ProxyRules {
  /** The platform's name for this call, for the log. */
  readonly id?: string | undefined;
  /** When the platform stops waiting, in epoch milliseconds. */
  readonly end: number | undefined;
  /** Longest request body in bytes; a longer one gets 413. */
  readonly maximumRequest: number;
  /** What the model server gets for what arrived. */
  readonly request: (received: WholeRequest) => WholeRequest | Promise<WholeRequest>;
  /** What the caller gets for what the model server, or the adapter where that failed, replied. */
  readonly reply: (response: WholeResponse) => WholeResponse;
}

/** Answers one HTTP request with the model server's reply. A caller that goes away ends the call. */
export async function proxy(
  context: PlatformContext,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  rules: ProxyRules,
): Promise<void> {
  const received = performance.now();
  const caller = new AbortController();
  outgoing.once('close', () => caller.abort());
  const call = await callModel(
    context,
    rules.end,
    async (limits) => rules.request(await readRequest(incoming, rules.maximumRequest, limits)),
    'keep',
    caller.signal,
  );
  const response = caller.signal.aborted
    ? failureResponse(callerGone(), call.milliseconds)
    : rules.reply(await withAcceptedEncoding(call, incoming));
  if (context.configuration.log === 'json') {
    logCall(rules.id, { ...call, response }, performance.now() - received);
  }
  if (!caller.signal.aborted) sendResponse(outgoing, response, incoming.method ?? 'GET');
}

/** Without the header any encoding is acceptable (RFC 9110, section 12.5.3). */
async function withAcceptedEncoding(call: Call, { headers }: IncomingMessage): Promise<WholeResponse> {
  try {
    return await decodeContent(call.response, maximumDecoded, headers['accept-encoding']?.toString() ?? '*');
  } catch (error) {
    return failureResponse(error, call.milliseconds);
  }
}

function callerGone(): CallerError {
  return new CallerError(499, 'HTTP_REQUEST', 'the caller went away before the reply was there');
}
