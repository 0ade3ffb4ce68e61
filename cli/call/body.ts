import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import mime from 'mime-types';

/** The body of a request. It can be sent any number of times. */
export interface RequestBody {
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface BodyOptions {
  /** Name of the form's part for files. For URLs, the JSON member is this name with `_url`. */
  readonly field: string;
  /** Whether to send the bytes of files, with the type of their extension, instead of a form. */
  readonly raw: boolean;
}

/**
 * The body for one input: a URL becomes JSON (`{"image_url": "https://…"}`), a `.json` file is sent unchanged, any
 * other file becomes a part of a form. Rejects with Node's error if the file cannot be read.
 */
export async function bodyFor(name: string, { field, raw }: BodyOptions): Promise<RequestBody> {
  if (isUrl(name)) return json(Buffer.from(JSON.stringify({ [`${field}_url`]: name })));
  const content = await readFile(name);
  const type = mime.lookup(name) || 'application/octet-stream';
  if (raw || type === 'application/json') return { contentType: type, bytes: content };
  const form = new FormData();
  form.append(field, new Blob([content], { type }), basename(name));
  const encoded = new Response(form);
  return {
    contentType: encoded.headers.get('content-type') ?? '',
    bytes: new Uint8Array(await encoded.arrayBuffer()),
  };
}

/** Whether an input is a URL. */
export function isUrl(name: string): boolean {
  return /^(https?|s3|data):/i.test(name);
}

function json(bytes: Buffer<ArrayBuffer>): RequestBody {
  return { contentType: 'application/json', bytes };
}
