import type { IncomingMessage, ServerResponse } from 'node:http';
import { streamModel } from '../../call/call-model.ts';
import type { Built, CallLimits } from '../../call/model-call.ts';
import { decodeStream } from '../../call/content-encoding.ts';
import { failureResponse } from '../../call/failure-reply.ts';
import { discardBody } from '../../http/body.ts';
import { withoutHeaders } from '../../http/headers.ts';
import type { ModelRequest, ModelResponse } from '../../http/message.ts';
import type { PlatformContext } from '../platform.ts';
import { closeAfterRequest, drain, readRequest } from './request.ts';
import { limitReading, sendEarlyHints, sendResponse } from './response.ts';
import { readTrace } from './trace.ts';
import { passOn, UpgradeReply } from './upgrade.ts';

/** How a platform with plain HTTP changes requests and replies. */
export interface ProxyRules {
  /** The platform's id of this call, for the log. Default: see readTrace. */
  readonly id?: string | undefined;
  /** When the platform stops waiting, in epoch milliseconds. */
  readonly end: number | undefined;
  /** The same for the end of a reply whose head arrives in time. Default: `end`. */
  readonly streamEnd?: number | undefined;
  /** Longest request body in bytes. A longer body gets a 413. */
  readonly maximumRequest: number;
  /** The request's body, if it was read already. */
  readonly body?: Buffer;
  /** Whether the platform carries WebSockets. Default false: they get 501. */
  readonly webSockets?: boolean;
  /** Turns the received request into the model server's request, or into a reply without the model server. */
  readonly request: (received: ModelRequest) => Built | Promise<Built>;
  /** Turns the reply of the model server, or of the adapter after a failure, into the caller's reply. */
  readonly reply: (response: ModelResponse) => ModelResponse | Promise<ModelResponse>;
}

/**
 * Answers one HTTP request with the model server's reply; both bodies stream, and so does a WebSocket. The call ends
 * when the caller disconnects. Resolves when the reply has been sent.
 */
export async function proxy(
  context: PlatformContext,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  rules: ProxyRules,
): Promise<void> {
  const { end, streamEnd } = rules;
  const named = readTrace(incoming.headers);
  const { id = named.id } = rules;
  const build = async (limits: CallLimits): Promise<Built> => {
    const received = await readRequest(incoming, rules.maximumRequest, limits, rules.body);
    const webSocket = rules.webSockets === true && outgoing instanceof UpgradeReply;
    // Where WebSockets pass, any other request with such a header is not a handshake (RFC 9110, section 7.8).
    const isIgnored = rules.webSockets === true && !webSocket && incoming.headers.upgrade !== undefined;
    const headers = isIgnored ? withoutHeaders(received.headers, ['upgrade']) : received.headers;
    const onEarlyHints: ModelRequest['onEarlyHints'] = (hints) => sendEarlyHints(outgoing, hints);
    return rules.request({ ...received, headers, webSocket, onEarlyHints });
  };
  await streamModel(
    context,
    { id, traceId: named.traceId, end, streamEnd, build },
    {
      onCallerGone: (act) => outgoing.once('close', () => outgoing.writableFinished || act()),
      deliver: async (response, _request, ended) => {
        const reply = await replyFor(response, incoming, rules);
        if (outgoing instanceof UpgradeReply && reply.upgraded !== undefined) {
          await passOn(outgoing, reply, reply.upgraded, ended);
          return;
        }
        closeAfterRequest(incoming);
        await sendResponse(outgoing, reply, incoming.method ?? 'GET', ended);
        limitReading(outgoing, streamEnd ?? end);
        drain(incoming);
      },
    },
  );
}

/** Without Accept-Encoding, any encoding is acceptable (RFC 9110, section 12.5.3). */
async function replyFor(
  response: ModelResponse,
  { headers }: IncomingMessage,
  { reply }: ProxyRules,
): Promise<ModelResponse> {
  try {
    return await reply(await decodeStream(response, headers['accept-encoding']?.toString() ?? '*'));
  } catch (error) {
    discardBody(response.body);
    return reply(failureResponse(error, 0));
  }
}
