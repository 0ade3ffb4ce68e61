import type { BatchRoute } from '../../core/batch-row.ts';
import { messageOf } from '../../core/errors.ts';
import { ModelServerError } from '../errors.ts';
import { collectBody } from '../http/body.ts';
import { decodeText } from '../http/charset.ts';
import { headerValue, withoutHeaders } from '../http/headers.ts';
import type { Body, ModelResponse, WholeResponse } from '../http/message.ts';
import type { ModelServer } from '../model/model-server.ts';
import type { BatchCall } from './batch-call.ts';
import type { SendCalls } from './batcher.ts';
import { type ListBody, type ListFormat, totalSize, UnequalLists } from './list-format.ts';
import { wholeRequest } from './whole-request.ts';
import { isSuccessStatus } from '../http/status.ts';

/** Sends one call unchanged, and several calls as one request. Each call gets its part of the reply. */
export function callSender(
  model: ModelServer,
  route: Pick<BatchRoute, 'idempotent'>,
  format: ListFormat,
  maximumReply: number,
): SendCalls {
  return async (calls) => {
    const [first, ...others] = calls;
    if (first === undefined) return;
    if (others.length === 0) await endOf(await sendAlone(first));
    else await sendTogether(calls);
  };

  async function sendTogether(calls: readonly BatchCall[]): Promise<void> {
    const lists = calls.flatMap(({ keyed }) => keyed?.list ?? []);
    const { request, done } = wholeRequest(calls, format.join(lists), route.idempotent);
    try {
      const response = await collect(await model.handle(request), totalSize(lists));
      if (isSuccessStatus(response.status)) divide(response, calls, lists);
      // After a 413 the model server has not read the batch. Each single call may be short enough.
      else if (route.idempotent || response.status === 413) await sendOneByOne(calls);
      else for (const call of calls) call.fulfil(response);
    } catch (error) {
      if (!route.idempotent || calls.every(({ hasLeft }) => hasLeft)) for (const call of calls) call.reject(error);
      else if (request.signal.aborted) await sendAllAlone(calls);
      else await sendOneByOne(calls);
    } finally {
      done();
    }
  }

  async function collect(response: ModelResponse, inputs: number): Promise<WholeResponse> {
    const body = await collectBody(response.body, maximumReply);
    if (body !== undefined) return { ...response, body };
    throw new ModelServerError(
      'MODEL_REPLY',
      `the reply to a batch of ${inputs} inputs has more than ${maximumReply} bytes`,
      { hint: 'lower "largest" of the row’s "batch", or raise MODELWHISK_BODY_MAX_BYTES' },
    );
  }

  function divide(response: WholeResponse, calls: readonly BatchCall[], lists: readonly ListBody[]): void {
    const replies = dividedReplies(response, lists, format);
    for (const [index, call] of calls.entries()) {
      if (replies instanceof ModelServerError) call.reject(replies);
      else call.fulfil(partOf(response, replies[index] ?? ''));
    }
  }

  /** One after another, because one of them may crash the model server. */
  async function sendOneByOne(calls: readonly BatchCall[]): Promise<void> {
    for (const call of calls) if (!call.hasLeft) await sendAlone(call);
  }

  /** At the same time, as little of it is left, and one of them may hang. */
  async function sendAllAlone(calls: readonly BatchCall[]): Promise<void> {
    await Promise.all(calls.filter(({ hasLeft }) => !hasLeft).map(async (call) => sendAlone(call)));
  }

  /** Resolves with the body of the reply when its head has arrived. */
  async function sendAlone(call: BatchCall): Promise<Body | undefined> {
    try {
      const response = await model.handle(call.request);
      call.fulfil(response);
      return response.body;
    } catch (error) {
      call.reject(error);
      return undefined;
    }
  }
}

function dividedReplies(
  { headers, body }: WholeResponse,
  lists: readonly ListBody[],
  format: ListFormat,
): readonly string[] | ModelServerError {
  const encoding = headerValue(headers, 'content-encoding') ?? 'identity';
  const text = encoding === 'identity' ? decodeText(body, 'utf-8') : undefined;
  try {
    return format.divide(text ?? '', lists);
  } catch (error) {
    if (!(error instanceof UnequalLists)) throw error;
    return new ModelServerError('MODEL_REPLY', `the model server answered ${messageOf(error)}`, {
      cause: error,
      hint: 'the row’s "batch" must name a route that answers one output for each input; MODELWHISK_BATCH=off sends each call alone',
    });
  }
}

/** The reply with one call's part of the body, without headers about the whole body or for one caller. */
function partOf(response: WholeResponse, text: string): WholeResponse {
  const body = Buffer.from(text);
  const headers = withoutHeaders(response.headers, ofTheWhole);
  return { status: response.status, headers: [...headers, ['content-length', String(body.length)]], body };
}

const ofTheWhole = [
  'content-length',
  'transfer-encoding',
  'trailer',
  'etag',
  'content-md5',
  'digest',
  'content-digest',
  'repr-digest',
  'set-cookie',
];

/** Resolves when a body has been read to its end, or is no longer read. */
async function endOf(body: Body | undefined): Promise<void> {
  if (body === undefined || Buffer.isBuffer(body) || body.stream.closed) return;
  await new Promise<void>((resolve) => body.stream.once('close', () => resolve()));
}
