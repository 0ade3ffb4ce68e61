import type { Readable } from 'node:stream';
import { Parts } from '../../core/http/parts.ts';
import { CallerError } from '../errors.ts';
import type { CallSignal } from './message.ts';

/**
 * Reads a stream to its end. Over `limit` bytes, it destroys the stream and gives undefined. Small parts are joined, so
 * that a body sent byte by byte needs no extra memory. Rejects with the stream's error
 * if the stream is interrupted, and with CallerError 504 if `signal` is aborted first.
 */
export function readParts(
  stream: Readable,
  limit = Number.POSITIVE_INFINITY,
  signal?: CallSignal,
): Promise<Buffer[] | undefined> {
  return new Promise((fulfil, reject) => {
    const parts = new Parts();
    listen(stream, {
      data: (part) => {
        parts.add(part);
        if (parts.length <= limit) return;
        fulfil(undefined);
        stream.destroy();
      },
      end: () => fulfil(parts.take()),
      fail: reject,
      signal,
    });
  });
}

export interface StreamListener {
  readonly data: (part: Buffer) => void;
  readonly end: () => void;
  readonly fail: (error: unknown) => void;
  readonly signal: CallSignal | undefined;
}

/** Reads a stream by listeners, because iteration costs several promises per part. Returns a function that stops it. */
export function listen(stream: Readable, { data, end: ended, fail: failed, signal }: StreamListener): () => void {
  const end = (): void => {
    signal?.removeEventListener('abort', giveUp);
    ended();
  };
  const fail = (error: unknown): void => {
    signal?.removeEventListener('abort', giveUp);
    failed(error);
  };
  const close = (): void => {
    if (!stream.readableEnded) fail(stream.errored ?? new Error('closed before its end'));
  };
  const stop = (): void => {
    signal?.removeEventListener('abort', giveUp);
    // The next reader finds an error in the stream's state.
    stream.on('error', ignore).off('data', data).off('end', end).off('error', fail).off('close', close);
  };
  const giveUp = (): void => {
    stop();
    failed(new CallerError(504, 'HTTP_REQUEST', 'the body of the request did not arrive in time'));
  };
  if (stream.destroyed) close();
  signal?.addEventListener('abort', giveUp);
  stream.on('data', data).on('end', end).on('error', fail).on('close', close).resume();
  return stop;
}

/** Takes an error that nobody needs. */
export function ignore(): void {
  // The stream has no reader at this time.
}
