import { type MediaType, parseMediaType } from '../../core/http/media-type.ts';
import type { FileInput, RawInput } from '../../core/row.ts';

/**
 * The Content-Type for the file part of a form or for a raw body. The source's type is kept if the row's `accepts` has
 * it. Without `accepts`, it is kept if its main type is the row's, as image/png for image/jpeg. Any other type becomes
 * the row's, because file servers call many files text/plain or application/x-download.
 *
 * @param given the source's type, which may be invalid as a header value
 */
export function fileType(given: string | undefined, input: FileInput | RawInput): string {
  // A line break would start another header.
  if (given === undefined || !/^[\t\x20-\x7e]+$/.test(given)) return input.contentType;
  const media = parseMediaType(given);
  return media !== undefined && isAcceptable(media, input) ? given : input.contentType;
}

function isAcceptable(media: MediaType, input: FileInput | RawInput): boolean {
  const { accepts, contentType, contentTypeEnforced } = { accepts: undefined, contentTypeEnforced: false, ...input };
  if (accepts !== undefined) return accepts.some((range) => isOf(media, range));
  // The model refuses other types, and only the row's is known to work.
  if (contentTypeEnforced) return isOf(media, contentType);
  const own = parseMediaType(contentType);
  if (own === undefined || isAnyBytes(own)) return !isAnyBytes(media);
  return media.type === own.type;
}

/** Whether the type is in the media range: image/png is in image/png, image/* and *\/*. */
function isOf(media: MediaType, range: string): boolean {
  const [type, subtype] = range.split(';', 1)[0]?.trim().toLowerCase().split('/') ?? [];
  return (type === '*' || type === media.type) && (subtype === '*' || subtype === media.subtype);
}

function isAnyBytes({ type, subtype }: MediaType): boolean {
  return type === 'application' && subtype === 'octet-stream';
}
