import type { Header } from '../../../../adapter/http/message.ts';
import type { ClientReply, ClientRequest } from '../../../contract/platform-client.ts';
import type { HandlerClient, HostRequest, InvocationReply, Payload } from './custom-handler.ts';

/**
 * How azure-functions-host calls a custom handler for an HTTP trigger, and how it returns the reply: the reverse of
 * adapter/platforms/azure. It stands for the real host, which is not on npm and cannot be pulled here. It follows
 * docs/protocols/azure.md and the host's DefaultHttpWorkerService, HttpRequestExtensions and RawScriptResult, but does
 * not add ASP.NET's charset to text types.
 */
export type HttpMode =
  /** host.json's customHandler has neither setting. */
  | 'default'
  /** `enableForwardingHttpRequest` */
  | 'forwarding'
  /** `enableProxyingHttpRequest` */
  | 'proxying';

export async function sendThroughHost(
  handler: HandlerClient,
  mode: HttpMode,
  request: ClientRequest,
): Promise<ClientReply> {
  // Kestrel decodes headers as UTF-8 and refuses other bytes.
  if (request.headers.some(([, value]) => utf8(value) === undefined)) return empty(400);
  const reply =
    mode === 'default'
      ? replyOf(await handler.invoke('predict', triggerPayload(request)))
      : await handler.send(mode === 'forwarding' ? forwarded(request) : proxied(request));
  // Kestrel writes only ASCII headers.
  return reply.headers.some(([, value]) => /[^\t\x20-\x7e]/.test(value)) ? empty(500) : reply;
}

/** Request → the default payload. */
export function triggerPayload({ method, path, query, headers, body }: ClientRequest): Payload {
  const sent = withLength(headers, body);
  const Headers: Record<string, string[]> = {};
  for (const [name, value] of sent) {
    const known = Object.keys(Headers).find((each) => each.toLowerCase() === name.toLowerCase()) ?? name;
    Headers[known] = [...(Headers[known] ?? []), utf8(value) ?? value];
  }
  const contentType = sent.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  const isBinary = /^(application\/octet-stream|multipart\/)/i.test(contentType);
  const text = isBinary ? Buffer.from(body).toString('base64') : new TextDecoder().decode(body);
  const req = {
    Url: `http://localhost:7071/api${path}${query === '' ? '' : `?${query}`}`,
    Method: method,
    Query: joined(query),
    Headers,
    Params: { path: path.slice(1) },
    Identities: [],
    ...(body.length === 0 ? {} : { Body: text }),
  };
  return { Data: { req }, Metadata: {} };
}

/** Reply → what the client gets. A failed invocation is a 500 without a body. */
export function replyOf({ status, json }: InvocationReply): ClientReply {
  if (status < 200 || status > 299) return empty(500);
  const { res } = json['Outputs'] as { res: { statusCode: number; headers: Record<string, string>; body: string } };
  return { status: res.statusCode, headers: Object.entries(res.headers), body: Buffer.from(res.body) };
}

/** The host parses the query and writes it again, with repeated keys joined. */
function forwarded(request: ClientRequest): HostRequest {
  const query = Object.entries(joined(request.query)).map((pair) => pair.map(encodeURIComponent).join('='));
  return { ...proxied(request), query: query.join('&') };
}

/** YARP changes only the headers of the connection. */
function proxied(request: ClientRequest): HostRequest {
  return { ...request, path: `/api${request.path}` };
}

function joined(query: string): Record<string, string> {
  const parameters = new URLSearchParams(query);
  return Object.fromEntries([...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]));
}

function withLength(headers: readonly Header[], body: Uint8Array): readonly Header[] {
  const host: Header = ['Host', 'localhost:7071'];
  return body.length === 0 ? [host, ...headers] : [host, ['Content-Length', String(body.length)], ...headers];
}

function utf8(latin1: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(latin1, 'latin1'));
  } catch {
    return undefined;
  }
}

function empty(status: number): ClientReply {
  return { status, headers: [], body: Buffer.alloc(0) };
}
