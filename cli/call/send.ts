import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
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
 * times, if the wait is not longer than `timeout`. Never rejects.
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

/**
 * By undici's own client and not by Node's fetch: in Node.js 20 that never settles if a server closes the connection at
 * once, and the program ends without a word.
 */
async function attempt(url: URL, body: RequestBody, options: SendOptions): Promise<Attempt> {
  const { timeout, signal } = options;
  const began = performance.now();
  try {
    const response = await request(url, {
      method: 'POST',
      headers: headersOf(body, options),
      body: body.bytes,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const received = Buffer.from(await response.body.arrayBuffer());
    const result: CallResult = {
      kind: 'reply',
      status: response.statusCode,
      milliseconds: performance.now() - began,
      contentType: firstOf(response.headers['content-type']) ?? '',
      activationId: firstOf(response.headers['x-openwhisk-activation-id']),
      body: received,
    };
    const mayWait = [429, 503].includes(response.statusCode);
    return { result, retryAfter: mayWait ? waitAsked(firstOf(response.headers['retry-after']), timeout) : undefined };
  } catch (error) {
    return { result: failure(error, performance.now() - began, timeout), retryAfter: undefined };
  }
}

/** The user's headers replace those of the body, in upper or lower case. */
function headersOf(body: RequestBody, { headers }: SendOptions): Record<string, string> {
  const all = new Headers({ 'content-type': body.contentType });
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  return Object.fromEntries(all);
}

function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function failure(error: unknown, milliseconds: number, timeout: number): CallResult {
  const name = error instanceof Error ? error.name : 'Error';
  const names: Readonly<Record<string, string>> = { AbortError: 'INTERRUPTED', TimeoutError: 'TIMEOUT' };
  const code = names[name] ?? codeOf(error) ?? 'FAILED';
  const message = code === 'TIMEOUT' ? `no reply within ${timeout} ms` : messageOf(error);
  return { kind: 'failure', code, message, milliseconds };
}

/**
 * Milliseconds that a Retry-After asks for, in seconds or as a date. Undefined if it is malformed, or longer than a call
 * may take: the reply is the result then.
 */
function waitAsked(text: string | undefined, timeout: number): number | undefined {
  if (text === undefined) return undefined;
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return milliseconds <= timeout ? Math.max(0, milliseconds) : undefined;
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
