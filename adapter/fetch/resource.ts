import type { Readable } from 'node:stream';
import type { Response } from 'node-fetch';
import { CallerError } from '../errors.ts';
import { readBody } from './body.ts';

/** A file that was fetched for a call. */
export interface InputFile {
  readonly body: Buffer;
  /** As received. It may be invalid as a header value. */
  readonly contentType?: string;
  readonly filename?: string;
}

/** Reads a successful reply. `name` names the resource in messages. */
export type ReadReply<Result> = (response: Response, name: string, filename: string | undefined) => Promise<Result>;

/** Reads the file from a successful reply. It rejects with CallerError 413 over the limit. */
export function fileReader(maximumBytes: number): ReadReply<InputFile> {
  return async (response, name, filename) => readFile(response, name, filename, maximumBytes);
}

async function readFile(
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
