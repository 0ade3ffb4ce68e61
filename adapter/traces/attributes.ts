import type { EndedCall } from '../call/traces.ts';
import type { ModelRequest } from '../http/message.ts';

// Names and values are those of OpenTelemetry's semantic conventions for HTTP servers (stable) and for FaaS. A query is
// left out, because it may hold secrets.

type Attributes = Record<string, string | number>;

/** "POST /model/predict" where the route is known, else the method. */
export function spanName(request: ModelRequest | undefined, routes: readonly string[]): string {
  if (request === undefined) return 'HTTP';
  const method = methodOf(request.method);
  const name = method === other ? 'HTTP' : method;
  return routes.includes(request.path) ? `${name} ${request.path}` : name;
}

export function requestAttributes(request: ModelRequest | undefined, routes: readonly string[]): Attributes {
  if (request === undefined) return {};
  const { method, path, outer, headers } = request;
  const known = methodOf(method);
  const header = (wanted: string): string | undefined => headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
  const [address, port] = splitHost(outer?.host ?? header('host'));
  return defined({
    'http.request.method': known,
    'http.request.method_original': known === other ? method : undefined,
    'http.route': routes.includes(path) ? path : undefined,
    'url.path': path,
    'url.scheme': outer?.protocol ?? 'http',
    'server.address': address,
    'server.port': port,
    'user_agent.original': header('user-agent'),
  });
}

export function endAttributes({ status, code }: EndedCall): Attributes {
  return defined({
    'http.response.status_code': status,
    'error.type': code ?? (status >= 500 ? String(status) : undefined),
  });
}

/** RFC 9110, section 9, and PATCH. Any other method would make as many series as there are spellings. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY']);
const other = '_OTHER';

function methodOf(method: string): string {
  return methods.has(method) ? method : other;
}

function splitHost(host: string | undefined): readonly [address: string | undefined, port: number | undefined] {
  const [, address, port] = /^(.*?)(?::(\d+))?$/.exec(host ?? '') ?? [];
  return [address || undefined, port === undefined ? undefined : Number(port)];
}

function defined(attributes: Readonly<Record<string, string | number | undefined>>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)) as Attributes;
}
