import { CallerError } from '../errors.ts';
import type { FetchPolicy } from '../fetch/policy.ts';
import type { InputFile } from '../fetch/resource.ts';
import { briefJson, JsonText, plainValue } from '../json/exact.ts';
import { isJsonObject } from '../json/object.ts';
import { parseBase64 } from './base64.ts';
import { readDataUrl } from './data-url.ts';
import { fileKeys, isGiven } from './file-keys.ts';
import type { CallSignal } from '../http/message.ts';

/**
 * Reads the file that the object gives in one of three ways:
 *
 * - `<field>_base64`: base64, or a `data:` URL;
 * - `<field>_url`: an `http:`, `https:`, `data:` or `s3:` URL;
 * - `<field>`: base64, a URL, or a Buffer in Node's JSON, `{"type": "Buffer", "data": [137, 80, …]}`.
 *
 * A key with the value "" or null counts as missing. Rejects with CallerError 400 if the file is given twice, missing
 * or malformed, and with the errors of fetchUrl and fetchObject.
 *
 * @param versionId version of the object of an `s3:` URL; undefined for the latest
 */
export async function readFile(
  fields: Readonly<Record<string, unknown>>,
  field: string,
  policy: FetchPolicy,
  signal: CallSignal,
  versionId?: string,
): Promise<InputFile> {
  const keys = fileKeys(field);
  const [key, second] = keys.filter((each) => isGiven(fields, each));
  if (key === undefined) {
    const empty = keys.filter((each) => Object.hasOwn(fields, each)).map((each) => `"${each}"`);
    throw new CallerError(
      400,
      'INPUT',
      empty.length === 0
        ? 'the input file is missing'
        : `${empty.join(' and ')} ${empty.length === 1 ? 'is' : 'are'} empty`,
      { hint: `give one of ${keys.map((each) => `"${each}"`).join(', ')}, or "bucket" and "key"` },
    );
  }
  if (second !== undefined) {
    throw new CallerError(400, 'INPUT', `the input file is named twice, by "${key}" and "${second}"`, {
      hint: 'give one of them',
    });
  }
  const value = plainValue(fields[key]);
  if (typeof value !== 'string') return { body: bytesOf(value, key, field) };
  const scheme = /^\s*([a-z][a-z\d+.-]*):/i.exec(value)?.[1]?.toLowerCase();
  const acceptsUrl = key !== `${field}_base64` || scheme === 'data';
  const acceptsBase64 = key !== `${field}_url`;
  if (scheme !== undefined && acceptsUrl) return readUrl(value.trim(), scheme, key, policy, signal, versionId);
  if (acceptsBase64) return { body: parseBase64(value, key) };
  throw new CallerError(400, 'INPUT', `"${key}" is not a URL: ${JSON.stringify(value.slice(0, 100))}`, {
    hint: 'a URL starts with its scheme, for example https://',
  });
}

async function readUrl(
  url: string,
  scheme: string,
  key: string,
  policy: FetchPolicy,
  signal: CallSignal,
  versionId: string | undefined,
): Promise<InputFile> {
  switch (scheme) {
    case 'data':
      return readDataUrl(url, key);
    case 'http':
    case 'https': {
      // Loaded on first use, because most adapters never fetch.
      const { fetchUrl } = await import('../fetch/fetch.ts');
      return fetchUrl(url, policy, signal);
    }
    case 's3': {
      const { fetchObject } = await import('../fetch/s3/fetch-object.ts');
      return fetchObject(url, policy, signal, versionId);
    }
    default:
      throw new CallerError(
        400,
        'INPUT',
        `"${key}" is a URL with the scheme "${scheme}:"; expected http:, https:, s3: or data:`,
      );
  }
}

function bytesOf(value: unknown, key: string, field: string): Buffer {
  const data = key === field && isJsonObject(value) && value['type'] === 'Buffer' ? value['data'] : undefined;
  const bytes = data instanceof JsonText ? byteList(data.text) : data;
  if (isBytes(bytes)) return Buffer.from(bytes);
  throw new CallerError(400, 'INPUT', `"${key}" is ${briefJson(value)}; expected a string`);
}

function isBytes(value: unknown): value is number[] | Buffer {
  if (Buffer.isBuffer(value)) return true;
  return Array.isArray(value) && value.every((each) => Number.isInteger(each) && each >= 0 && each <= 255);
}

/** The bytes that a long array of JSON consists of; undefined for any other array. */
function byteList(text: string): Buffer | undefined {
  if (/[^\d,[\]\s]/.test(text) || text.indexOf('[', 1) !== -1) return undefined;
  const numbers = text.slice(1, -1).split(',').map(Number);
  return numbers.every((each) => each <= 255) ? Buffer.from(numbers) : undefined;
}
