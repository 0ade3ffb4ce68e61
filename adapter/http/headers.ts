import type { Header } from './message.ts';

/** The value of the first header with this name. `name` is in lower case; headers match in any case. */
export function headerValue(headers: readonly Header[], name: string): string | undefined {
  return headers.find(([each]) => each.toLowerCase() === name)?.[1];
}

/** The headers without these names (in lower case). */
export function withoutHeaders(headers: readonly Header[], names: readonly string[]): readonly Header[] {
  return headers.filter(([each]) => !names.includes(each.toLowerCase()));
}

/** Node's flat list of raw header names and values, in pairs. */
export function headerPairs(raw: readonly string[]): Header[] {
  const pairs: Header[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) pairs.push([raw[index] ?? '', raw[index + 1] ?? '']);
  return pairs;
}

/**
 * The headers without those for a single connection (RFC 9110, section 7.6.1): a fixed list, and the names in
 * `Connection`.
 */
export function withoutHopByHop(headers: readonly Header[]): readonly Header[] {
  let dropped: ReadonlySet<string> = hopByHop;
  for (const [name, value] of headers) {
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    dropped = new Set([...dropped, ...value.split(',').map((option) => option.trim().toLowerCase())]);
  }
  return headers.filter(([name]) => !dropped.has(name.toLowerCase()));
}

/** Whether an `Upgrade` header names WebSocket among its protocols (RFC 6455, section 4.1). */
export function namesWebSocket(upgrade: string): boolean {
  return /(^|,)\s*websocket\s*(,|$)/i.test(upgrade);
}

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
