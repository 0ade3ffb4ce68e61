import type { Readable } from 'node:stream';
import type { Response } from 'node-fetch';
import { CallerError } from '../errors.ts';
import { readBody } from './body.ts';

/** A file that a caller named, as its source gave it. */
export interface InputFile {
  readonly body: Buffer;
  /** As its source gave it, which may be nothing that can stand in a header. */
  readonly contentType?: string;
  readonly filename?: string;
}

/** Reads a successful reply of what goes by `name` in messages. */
export type ReadReply<Result> = (response: Response, name: string, filename: string | undefined) => Promise<Result>;

/**
 * The file that a successful reply holds. Rejects with CallerError 413 past the limit.
 *
 * @param name what is fetched, for messages
 */
export async function readResource(
  response: Response,
  name: string,
  filename: string | undefined,
  maximumBytes: number,
): Promise<InputFile> {
  const announced = Number(response.headers.get('content-length') ?? 0);
  const body =
    announced > maximumBytes
      ? undefined
      : await readBody(response.body as Readable, response.headers.get('content-encoding'), maximumBytes);
  if (body === undefined) {
    throw new CallerError(413, 'INPUT', `${name} is larger than ${maximumBytes} bytes`, {
      hint: 'set MODELWHISK_FETCH_MAX_BYTES to allow more',
    });
  }
  const contentType = response.headers.get('content-type');
  return { body, ...(contentType !== null && { contentType }), ...(filename !== undefined && { filename }) };
}
