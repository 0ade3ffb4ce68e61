import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, messageOf } from '../../core/errors.ts';
import type { RequestBody } from './body.ts';
import { isContainerFailure } from './controller-reply.ts';

/** The result of one call. The milliseconds are those of the last attempt, from sending to the end of the reply. */
export type CallResult =
  | {
      readonly kind: 'reply';
      readonly status: number;
      readonly milliseconds: number;
      readonly contentType: string;
      readonly activationId: string | undefined;
      readonly body: Buffer;
    }
  | { readonly kind: 'failure'; readonly code: string; readonly message: string; readonly milliseconds: number };

export interface SendOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Time limit of one attempt in milliseconds. */
  readonly timeout: number;
  /** How often to retry a call after a connection error, 429, 502, 503, 504, or the loss of its container. */
  readonly retries: number;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
}

/**
 * Sends one call. After a 429 or 503 with Retry-After (RFC 9110, section 10.2.3) it waits and tries again, up to ten
 * times. Never rejects.
 */
export async function send(url: URL, body: RequestBody, options: SendOptions): Promise<CallResult> {
  let waits = 10;
  let retries = options.retries;
  for (;;) {
    const { result, retryAfter } = await attempt(url, body, options);
    if (options.signal.aborted) return result;
    if (retryAfter !== undefined && waits > 0) {
      waits -= 1;
      await pause(retryAfter, options.signal);
    } else if (isTransient(result) && retries > 0) {
      retries -= 1;
      await pause(pauseAfter(options.retries - retries, result), options.signal);
    } else {
      return result;
    }
  }
}

interface Attempt {
  readonly result: CallResult;
  /** Milliseconds to wait before the next attempt, from Retry-After. */
  readonly retryAfter: number | undefined;
}

async function attempt(url: URL, body: RequestBody, { headers, timeout, signal }: SendOptions): Promise<Attempt> {
  const began = performance.now();
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': body.contentType, ...headers },
      body: body.bytes,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
    });
    const received = Buffer.from(await response.arrayBuffer());
    const result: CallResult = {
      kind: 'reply',
      status: response.status,
      milliseconds: performance.now() - began,
      contentType: response.headers.get('content-type') ?? '',
      activationId: response.headers.get('x-openwhisk-activation-id') ?? undefined,
      body: received,
    };
    return { result, retryAfter: [429, 503].includes(response.status) ? waitAsked(response.headers) : undefined };
  } catch (error) {
    return { result: failure(error, performance.now() - began), retryAfter: undefined };
  }
}

/** fetch's own message is only "fetch failed". The reason is in the cause. */
function failure(error: unknown, milliseconds: number): CallResult {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const name = error instanceof Error ? error.name : 'Error';
  const code = codeOf(cause) ?? { AbortError: 'INTERRUPTED', TimeoutError: 'TIMEOUT' }[name] ?? 'FAILED';
  return { kind: 'failure', code, message: messageOf(cause), milliseconds };
}

function waitAsked(headers: Headers): number | undefined {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}

function isTransient(result: CallResult): boolean {
  if (result.kind === 'failure') return result.code !== 'INTERRUPTED';
  return [429, 502, 503, 504].includes(result.status) || isContainerFailure(result);
}

/** 0.1, 0.2, 0.4 … s, at most 5 s. OpenWhisk starts another container at once, so 0.1 s is enough there. */
function pauseAfter(attempts: number, result: CallResult): number {
  if (result.kind === 'reply' && isContainerFailure(result)) return 100;
  return Math.min(5000, 50 * 2 ** attempts);
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
