import { type MediaType, parseMediaType } from '../../core/http/media-type.ts';
import type { FileInput, RawInput } from '../../core/row.ts';

/**
 * The Content-Type for the file part of a form, or for a raw body, where the file came in some other way. The source's own goes on where
 * the row says that the model accepts it. Where the row lists none, it goes on where it is of the row's kind, as
 * image/png where the row has image/jpeg: file servers call many files text/plain or application/x-download. Everything
 * else becomes the row's.
 *
 * @param given the source's, which may be nothing that can stand in a header
 */
export function fileType(given: string | undefined, input: FileInput | RawInput): string {
  // Whatever cannot stand in a header would start another one with its line break.
  if (given === undefined || !/^[\t\x20-\x7e]+$/.test(given)) return input.contentType;
  const media = parseMediaType(given);
  return media !== undefined && isAcceptable(media, input) ? given : input.contentType;
}

function isAcceptable(media: MediaType, input: FileInput | RawInput): boolean {
  const { accepts, contentType, contentTypeEnforced } = { accepts: undefined, contentTypeEnforced: false, ...input };
  if (accepts !== undefined) return accepts.some((range) => isOf(media, range));
  // The model refuses others, and this is the only one known.
  if (contentTypeEnforced) return isOf(media, contentType);
  const own = parseMediaType(contentType);
  if (own === undefined || isAnyBytes(own)) return !isAnyBytes(media);
  return media.type === own.type;
}

/** Whether it is of the media range, as image/png is of image/png, image/* and *\/*. */
function isOf(media: MediaType, range: string): boolean {
  const [type, subtype] = range.split(';', 1)[0]?.trim().toLowerCase().split('/') ?? [];
  return (type === '*' || type === media.type) && (subtype === '*' || subtype === media.subtype);
}

function isAnyBytes({ type, subtype }: MediaType): boolean {
  return type === 'application' && subtype === 'octet-stream';
}
