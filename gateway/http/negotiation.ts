import { Rejection, messages } from '../errors.ts';
import { decodeText } from '../java-text.ts';
import type { Entity, GatewayRequest, Reply } from './message.ts';
import { encodeIn } from './encode.ts';
import { renderContentType, type MediaType } from './media-type.ts';
import { parseAcceptCharset, type CharsetRange } from './header-values/charset-ranges.ts';
import { parseAccept, type MediaRange } from './header-values/media-ranges.ts';

/**
 * A message of pekko-http as the controller repeats it: encoded in the charset that Accept-Charset prefers, then
 * decoded as UTF-8.
 */
export function negotiatedMessage(request: GatewayRequest, message: string): string {
  const bytes = encodeIn(bestCharset(charsetRanges(request)) ?? 'UTF-8', message);
  return bytes === undefined ? message : decodeText(bytes);
}

/**
 * A reply in the form that the caller's Accept and Accept-Charset ask for (pekko-http, ContentNegotiation.scala).
 * Throws Rejection 406 if there is no such form. A reply with a status of 400 or more is then sent unchanged.
 */
export function negotiate(request: GatewayRequest, reply: Reply): Reply {
  const { entity, status } = reply;
  if (entity === undefined) return reply;
  const chosen = chooseEntity(request, entity);
  if (chosen !== undefined) return { ...reply, entity: chosen };
  if (status >= 400) return reply;
  const type = entity.kind === 'text' ? entity.contentType.media.value : renderContentType(entity.contentType);
  throw new Rejection(406, messages.unacceptable(type));
}

function chooseEntity(request: GatewayRequest, entity: Entity): Entity | undefined {
  const { media, charset } = entity.contentType;
  if (mediaQuality(request, media) <= 0) return undefined;
  const charsets = charsetRanges(request);
  if (entity.kind === 'text') {
    const best = bestCharset(charsets);
    if (best === undefined) return undefined;
    const bytes = encodeIn(best, entity.text);
    // A charset that Node cannot encode: UTF-8 instead.
    if (bytes === undefined) return { ...entity, contentType: { media, charset: 'UTF-8' } };
    return { kind: 'bytes', contentType: { media, charset: best }, bytes };
  }
  return media.isBinary || charsetQuality(charsets, charset ?? 'UTF-8') > 0 ? entity : undefined;
}

function mediaQuality(request: GatewayRequest, media: MediaType): number {
  const ranges = valuesOf(request, 'accept').flatMap((value) => parseAccept(value) ?? []);
  if (ranges.length === 0) return 1;
  const bySpecificity = ranges.toSorted(
    (left, right) =>
      generality(left) - generality(right) ||
      right.parameters.length - left.parameters.length ||
      right.quality - left.quality,
  );
  return bySpecificity.find((range) => matches(range, media))?.quality ?? 0;
}

function generality({ type, subtype }: MediaRange): number {
  if (type === '*') return 2;
  return subtype === '*' ? 1 : 0;
}

function matches(range: MediaRange, media: MediaType): boolean {
  const own = new Map(media.parameters);
  return (
    (range.type === '*' || range.type === media.type) &&
    (range.subtype === '*' || range.subtype === media.subtype) &&
    range.parameters.every(([name, value]) => own.get(name) === value)
  );
}

/** Sorted by preference, with "*" last. */
function charsetRanges(request: GatewayRequest): readonly CharsetRange[] {
  const ranges = valuesOf(request, 'accept-charset').flatMap((value) => parseAcceptCharset(value) ?? []);
  return ranges.toSorted((left, right) => rank(left) - rank(right));
}

function rank({ charset, quality }: CharsetRange): number {
  return charset === '*' ? 1 : -quality;
}

function charsetQuality(ranges: readonly CharsetRange[], charset: string): number {
  if (ranges.length === 0) return 1;
  const lower = charset.toLowerCase();
  return ranges.find((range) => range.charset === '*' || range.charset.toLowerCase() === lower)?.quality ?? 0;
}

function bestCharset(ranges: readonly CharsetRange[]): string | undefined {
  const [best] = ranges;
  if (best === undefined) return 'UTF-8';
  if (best.charset !== '*') return best.charset;
  return best.quality > 0 ? 'UTF-8' : undefined;
}

function valuesOf({ headers }: GatewayRequest, name: string): string[] {
  return headers.filter(([candidate]) => candidate === name).map(([, value]) => value);
}
