import { CallerError } from '../../errors.ts';
import { JsonText, membersOf, plainValue } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import { triggerInputs, type AzureInput } from './trigger-value.ts';
import { unquoted } from './unquoted.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** A call of the host. Its kind is recognised by its content, because the function's files stay with the host. */
export type AzureInvocation =
  /** An HTTP request in its parts. */
  | { readonly kind: 'http'; readonly trigger: JsonObject }
  /** A client's request for a SignalR connection. The host provides the connection. */
  | { readonly kind: 'negotiate'; readonly connection: JsonObject }
  /** The host asks a new instance to load its model before it gets calls. */
  | { readonly kind: 'warm-up' }
  /** The inputs of any other trigger: a blob, a message, an event, or a batch of them. */
  | { readonly kind: 'inputs'; readonly inputs: readonly AzureInput[]; readonly isBatch: boolean };

/**
 * Reads the host's default payload, `{Data: {<binding>: value}, Metadata: {…}}` (docs/protocols/azure.md).
 *
 * @param functionName "warmup" for a function with a warm-up trigger
 * @throws CallerError
 */
export function readInvocation(body: Buffer, functionName: string): AzureInvocation {
  const { Data: data, Metadata: metadata } = readPayload(body);
  const values = Object.values(data).map(plainValue);
  const trigger = values.find(isHttpTrigger);
  if (trigger !== undefined) {
    const connection = values.map((value) => plainValue(unquoted(value))).find(isConnection);
    return connection === undefined ? { kind: 'http', trigger } : { kind: 'negotiate', connection };
  }
  if (/^warmup$/i.test(functionName)) return { kind: 'warm-up' };
  const [name, value] = Object.entries(data)[0] ?? [];
  if (name === undefined) throw new CallerError(400, 'INVOCATION', 'the invocation has no Data');
  return { kind: 'inputs', ...triggerInputs(name, value, metadata) };
}

/** Whether a body is the host's default payload, and not a request that it forwards. */
export function isInvocation(body: Buffer): boolean {
  try {
    const { value } = JsonText.parse(body.toString());
    return isJsonObject(value) && isJsonObject(plainValue(value['Data'])) && isJsonObject(value['Metadata']);
  } catch {
    return false;
  }
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
