import { request as httpRequest, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '../../core/errors.ts';
import { decodeText } from '../java-text.ts';

/** What came of a call to a container. */
export type ContainerReply =
  | {
      readonly kind: 'response';
      readonly status: number;
      /** The body, cut at the limit. */
      readonly text: string;
      /** Set where the body was longer than the limit; both in bytes. */
      readonly truncated?: { readonly length: number; readonly limit: number };
    }
  /** An answer whose length is not known beforehand: chunked, compressed, or none (204). */
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
   * Whether to try again until the timeout where nothing listens, or a connection ends without an answer: so looks a
   * container that is still starting, the latter behind a port that `docker run -p` publishes.
   */
  readonly retry: boolean;
  /** Aborted when the container has died. */
  readonly signal: AbortSignal;
}

/**
 * Posts JSON to a container as the invoker does (ApacheBlockingContainerClient.scala): a connection of its own for
 * each call, no redirects, the answer believed only with a Content-Length. Never rejects.
 */
export async function postToContainer(url: URL, body: Buffer, options: PostOptions): Promise<ContainerReply> {
  const deadline = performance.now() + options.timeout;
  for (;;) {
    const reply = await postOnce(url, body, deadline - performance.now(), options);
    if (!isAbsent(reply) || !options.retry || options.signal.aborted) return reply;
    if (deadline - performance.now() <= retryInterval) return { kind: 'timeout' };
    await delay(retryInterval);
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
  const chunks: Buffer[] = [];
  let kept = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    const part = chunk.subarray(0, limit - kept);
    kept += part.length;
    chunks.push(part);
  }
  const length = knownLength(response);
  if (length === undefined) return { kind: 'no response' };
  const reply = {
    kind: 'response',
    status: response.statusCode ?? 0,
    text: decodeText(Buffer.concat(chunks)),
  } as const;
  return length > limit ? { ...reply, truncated: { length, limit } } : reply;
}

/** The invoker's client undoes compression, which leaves it without a length; 204 and 304 have no entity at all. */
function knownLength(response: IncomingMessage): number | undefined {
  const length = response.headers['content-length'];
  const compressed = /^(?:x-)?gzip$|^deflate$/i.test(response.headers['content-encoding'] ?? '');
  if (length === undefined || compressed || response.statusCode === 204 || response.statusCode === 304)
    return undefined;
  return Number(length);
}
