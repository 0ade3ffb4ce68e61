import { CallerError } from '../../errors.ts';
import { decodeDocument } from '../../http/charset.ts';
import { headerValue } from '../../http/headers.ts';
import { parseBase64 } from '../../inputs/base64.ts';
import { briefJson, JsonText, plainValue, writeJson } from '../../json/exact.ts';
import type { Header, ModelRequest, WholeRequest } from '../../http/message.ts';
import { parseMediaType } from '../../../core/http/media-type.ts';
import { percentEncoded } from '../../../core/http/percent.ts';
import { isJsonFamily } from '../../../core/openwhisk/media-types.ts';

/** An event (CloudEvents 1.0) with its data as bytes. */
export interface CloudEvent {
  /** The context attributes as percent-encoded headers: `ce-id`, `ce-source`, … */
  readonly attributes: readonly Header[];
  /** `datacontenttype`. Undefined if it is missing. */
  readonly contentType: string | undefined;
  readonly data: Buffer;
}

/** Whether a request is an event in binary or structured mode (CloudEvents HTTP protocol binding 1.0.2, section 3). */
export function isCloudEvent({ headers }: ModelRequest): boolean {
  return isStructured(headerValue(headers, 'content-type')) || headerValue(headers, 'ce-specversion') !== undefined;
}

function isStructured(contentType: string | undefined): contentType is string {
  const media = contentType === undefined ? undefined : parseMediaType(contentType);
  return media?.type === 'application' && media.subtype.startsWith('cloudevents');
}

/**
 * Parses the event in a request (sections 3.1 and 3.2; JSON event format 1.0.2, section 3).
 *
 * @throws CallerError
 */
export function readCloudEvent({ headers, body }: WholeRequest): CloudEvent {
  const contentType = headerValue(headers, 'content-type');
  if (isStructured(contentType)) {
    const media = parseMediaType(contentType);
    if (media?.subtype === 'cloudevents+json') return structuredEvent(body, media.charset);
    throw new CallerError(415, 'CLOUD_EVENT', `events as ${contentType} are not taken`, {
      hint: 'send one event at a time, in binary mode or as application/cloudevents+json',
    });
  }
  const attributes = headers.filter(([name]) => name.toLowerCase().startsWith('ce-'));
  return checked({ attributes, contentType, data: body });
}

function structuredEvent(body: Buffer, charset: string | undefined): CloudEvent {
  const { data, data_base64: base64, datacontenttype: contentType, ...attributes } = readObject(body, charset);
  if (data !== undefined && base64 !== undefined) {
    throw new CallerError(400, 'CLOUD_EVENT', 'the event has both "data" and "data_base64"; expected one of them');
  }
  for (const [name, value] of Object.entries({ data_base64: base64, datacontenttype: contentType })) {
    if (value !== undefined && value !== null && typeof value !== 'string') {
      throw new CallerError(400, 'CLOUD_EVENT', `the event's ${name} is ${briefJson(value)}; expected a string`);
    }
  }
  if (typeof contentType === 'string' && parseMediaType(contentType) === undefined) {
    const message = `the event's datacontenttype is ${briefJson(contentType)}; expected a media type`;
    throw new CallerError(400, 'CLOUD_EVENT', message);
  }
  const type = typeof contentType === 'string' ? contentType : undefined;
  return checked({
    attributes: Object.entries(attributes)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [`ce-${name}`, attributeText(name, value)]),
    contentType: type ?? (data === undefined || data === null ? undefined : 'application/json'),
    data: typeof base64 === 'string' ? parseBase64(base64, 'data_base64') : dataBytes(data, type),
  });
}

function readObject(body: Buffer, charset: string | undefined): Record<string, unknown> {
  let json: JsonText;
  try {
    json = JsonText.parse(decodeDocument(body, charset) ?? '');
  } catch (cause) {
    throw new CallerError(400, 'CLOUD_EVENT', 'the event is not JSON', { cause });
  }
  const members = json.members();
  if (members !== undefined) return members;
  throw new CallerError(400, 'CLOUD_EVENT', `the event is ${briefJson(json)}; expected an object`);
}

/** A string with a type other than JSON is the data itself. Any other value is JSON, in its original text. */
function dataBytes(data: unknown, contentType: string | undefined): Buffer {
  if (data === undefined || data === null) return Buffer.alloc(0);
  const isText = typeof data === 'string' && contentType !== undefined && !isJsonFamily(contentType);
  return Buffer.from(isText ? data : writeJson(data));
}

/** Percent-encodes non-ASCII and control characters, space, `"` and `%` (HTTP binding, section 3.1.3.2). */
function attributeText(name: string, value: unknown): string {
  if (!/^[a-z0-9]+$/.test(name)) {
    throw new CallerError(
      400,
      'CLOUD_EVENT',
      `the event's attribute ${JSON.stringify(name)} has an invalid name; expected a-z and 0-9`,
    );
  }
  if (!['string', 'number', 'boolean'].includes(typeof plainValue(value))) {
    throw new CallerError(
      400,
      'CLOUD_EVENT',
      `the event's ${name} is ${briefJson(value)}; expected a string, number or boolean`,
    );
  }
  return String(value).replaceAll(/[^\x21-\x7e]|["%]/gu, percentEncoded);
}

function checked(event: CloudEvent): CloudEvent {
  const version = headerValue(event.attributes, 'ce-specversion');
  if (version !== '1.0') {
    throw new CallerError(400, 'CLOUD_EVENT', `the event's specversion is ${JSON.stringify(version)}; expected "1.0"`);
  }
  for (const name of ['id', 'source', 'type']) {
    if (!headerValue(event.attributes, `ce-${name}`))
      throw new CallerError(400, 'CLOUD_EVENT', `the event has no ${name}`);
  }
  return event;
}
