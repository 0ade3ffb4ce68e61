import { CallerError } from '../../errors.ts';
import { JsonText, membersOf, plainValue } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** What the host asks of a function, told by what it sends, since the function's own files stay with the host. */
export type AzureInvocation =
  /** An HTTP request, taken apart. */
  | { readonly kind: 'http'; readonly trigger: JsonObject }
  /** An HTTP request for a way to the SignalR service, which the host has found out already. */
  | { readonly kind: 'negotiate'; readonly connection: JsonObject }
  /** A file that was put into a container. */
  | { readonly kind: 'blob'; readonly base64: string; readonly url: string | undefined }
  /** Whatever else triggers: a message of a queue, an event, a timer. Members of an object are as JsonText has them. */
  | { readonly kind: 'message'; readonly value: unknown };

/**
 * Reads the host's default payload, `{Data: {<binding>: value}, Metadata: {…}}` (docs/protocols/azure.md).
 *
 * @throws CallerError
 */
export function readInvocation(body: Buffer): AzureInvocation {
  const { Data: data, Metadata: metadata } = readPayload(body);
  const values = Object.values(data).map(plainValue);
  const trigger = values.find(isHttpTrigger);
  if (trigger !== undefined) {
    const connection = values.map(unwrapped).find(isConnection);
    return connection === undefined ? { kind: 'http', trigger } : { kind: 'negotiate', connection };
  }
  const [name, value] = Object.entries(data)[0] ?? [];
  if (name === undefined) throw new CallerError(400, 'INVOCATION', 'the invocation has no Data');
  if (isBlob(metadata)) return { kind: 'blob', base64: readBlob(value, name), url: text(metadata['Uri']) };
  return { kind: 'message', value: membersOf(value) ?? unwrapped(plainValue(value)) };
}

function readPayload(body: Buffer): { readonly Data: JsonObject; readonly Metadata: JsonObject } {
  let payload: JsonText;
  try {
    payload = JsonText.parse(body.toString());
  } catch (cause) {
    throw new CallerError(400, 'INVOCATION', "the function host's call is not JSON", { cause, hint: routeHint });
  }
  const { Data: data, Metadata: metadata } = payload.members() ?? {};
  const values = membersOf(data);
  const details = plainValue(metadata);
  if (values !== undefined) return { Data: values, Metadata: isJsonObject(details) ? details : {} };
  throw new CallerError(400, 'INVOCATION', "the function host's call has no Data object", { hint: routeHint });
}

const routeHint = 'forwarded requests need MODELWHISK_AZURE_ROUTE_PREFIX to be the routePrefix of host.json';

function isHttpTrigger(value: unknown): value is JsonObject {
  return isJsonObject(value) && typeof value['Url'] === 'string' && typeof value['Method'] === 'string';
}

function isConnection(value: unknown): value is JsonObject {
  return isJsonObject(value) && typeof value['url'] === 'string' && typeof value['accessToken'] === 'string';
}

/** A queue's metadata has a DequeueCount, and every member of a message that is JSON. */
function isBlob(metadata: JsonObject): boolean {
  return metadata['DequeueCount'] === undefined && isJsonObject(unwrapped(metadata['Properties'])) && 'Uri' in metadata;
}

/** The bytes of a blob come as base64; read as text, which is damage to a file, as that text in quotation marks. */
function readBlob(value: unknown, binding: string): string {
  if (typeof value === 'string' && !value.startsWith('"')) return value;
  throw new CallerError(415, 'INVOCATION', `the blob in binding "${binding}" was read as text, which damages files`, {
    hint: 'set "dataType": "binary" on the blobTrigger binding in function.json',
  });
}

function text(value: unknown): string | undefined {
  const plain = unwrapped(value);
  return typeof plain === 'string' ? plain : undefined;
}

/**
 * A value without the layers of JSON around it: the host writes a text as JSON inside of a string, and the text of a
 * message is often JSON itself. What is no JSON object in the end is left as text.
 */
function unwrapped(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    const inner = JsonText.parse(value);
    if (typeof inner.value === 'string') return unwrapped(inner.value);
    return inner.members() ?? (Array.isArray(inner.value) ? inner.value : value);
  } catch {
    return value;
  }
}
