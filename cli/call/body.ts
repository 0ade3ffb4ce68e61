import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import mime from 'mime-types';

/** The body of a request, ready to be sent any number of times. */
export interface RequestBody {
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface BodyOptions {
  /** Name of the form's part for files, and what `_url` follows for URLs. */
  readonly field: string;
  /** Whether files go as they are, under the type that their name tells, instead of as a form. */
  readonly raw: boolean;
}

/**
 * The body for one input: a URL becomes JSON that names it (`{"image_url": "https://…"}`), a `.json` file goes as it
 * is, any other file as a part of a form. Rejects with Node's error where the file cannot be read.
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

/** Whether an input names what it is by a URL. */
export function isUrl(name: string): boolean {
  return /^(https?|s3|data):/i.test(name);
}

function json(bytes: Buffer<ArrayBuffer>): RequestBody {
  return { contentType: 'application/json', bytes };
}
