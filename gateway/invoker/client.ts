import { request as httpRequest, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '../../core/errors.ts';
import { decodeText } from '../java-text.ts';
import { joined, Parts } from '../../core/http/parts.ts';

/** The result of a call to a container. */
export type ContainerReply =
  | {
      readonly kind: 'response';
      readonly status: number;
      /** The body, truncated at the limit. */
      readonly text: string;
      /** Set if the body was longer than the limit. Both are in bytes. */
      readonly truncated?: { readonly length: number; readonly limit: number };
    }
  /** A response without a usable Content-Length: chunked, compressed, or without a body (204). */
  | { readonly kind: 'no response' }
  | { readonly kind: 'connection refused' }
  | { readonly kind: 'connection failed'; readonly cause: unknown }
  | { readonly kind: 'timeout' };

export interface PostOptions {
  /** Milliseconds for the whole call, retries included. */
  readonly timeout: number;
  /** Longest body to keep, in bytes. */
  readonly responseLimit: number;
  /**
   * Whether to retry until the timeout if nothing listens or the connection ends without a response. A starting
   * container shows itself this way; the second case is a port that `docker run -p` publishes.
   */
  readonly retry: boolean;
  /** Aborted when the container has ended. */
  readonly signal: AbortSignal;
}

/**
 * Posts JSON to a container as OpenWhisk's invoker does (ApacheBlockingContainerClient.scala): one connection per
 * call, no redirects, and only a response with a Content-Length is used. Never rejects.
 */
export async function postToContainer(url: URL, body: Buffer, options: PostOptions): Promise<ContainerReply> {
  const deadline = performance.now() + options.timeout;
  for (;;) {
    const reply = await postOnce(url, body, deadline - performance.now(), options);
    if (!isAbsent(reply) || !options.retry || options.signal.aborted) return reply;
    if (deadline - performance.now() <= retryInterval) return { kind: 'timeout' };
    await delay(retryInterval, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

const retryInterval = 50;

function isAbsent(reply: ContainerReply): boolean {
  if (reply.kind === 'connection refused') return true;
  return reply.kind === 'connection failed' && ['ECONNRESET', 'EPIPE'].includes(codeOf(reply.cause) ?? '');
}

async function postOnce(url: URL, body: Buffer, timeout: number, options: PostOptions): Promise<ContainerReply> {
  const timer = AbortSignal.timeout(Math.max(0, Math.ceil(timeout)));
  const signal = AbortSignal.any([timer, options.signal]);
  try {
    return await exchange(url, body, signal, options.responseLimit);
  } catch (error) {
    if (timer.aborted) return { kind: 'timeout' };
    const code = codeOf(error);
    const refused = code === 'ECONNREFUSED' || code === 'EHOSTUNREACH';
    return refused && !options.signal.aborted
      ? { kind: 'connection refused' }
      : { kind: 'connection failed', cause: error };
  }
}

function exchange(url: URL, body: Buffer, signal: AbortSignal, limit: number): Promise<ContainerReply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, {
      method: 'POST',
      agent: false,
      signal,
      headers: {
        Accept: 'application/json',
        'Content-Type': 'application/json',
        'Content-Length': body.length,
        Connection: 'Keep-Alive',
        'User-Agent': 'Apache-HttpClient/4.5.14 (Java/17)',
        'Accept-Encoding': 'gzip,deflate',
      },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      readReply(response, limit)
        .then(resolve, reject)
        .finally(() => request.destroy());
    });
    request.end(body);
  });
}

async function readReply(response: IncomingMessage, limit: number): Promise<ContainerReply> {
  const parts = new Parts();
  for await (const chunk of response as AsyncIterable<Buffer>) {
    if (parts.length < limit) parts.add(chunk.subarray(0, limit - parts.length));
  }
  const length = knownLength(response);
  if (length === undefined) return { kind: 'no response' };
  const reply = {
    kind: 'response',
    status: response.statusCode ?? 0,
    text: decodeText(joined(parts.take())),
  } as const;
  return length > limit ? { ...reply, truncated: { length, limit } } : reply;
}

/** OpenWhisk's client decompresses a response and then knows no length. A 204 or 304 has no entity. */
function knownLength(response: IncomingMessage): number | undefined {
  const length = response.headers['content-length'];
  const compressed = /^(?:x-)?gzip$|^deflate$/i.test(response.headers['content-encoding'] ?? '');
  if (length === undefined || compressed || response.statusCode === 204 || response.statusCode === 304)
    return undefined;
  return Number(length);
}
