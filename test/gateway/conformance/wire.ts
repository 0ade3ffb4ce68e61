import { connect } from 'node:net';
import type { RecordedReply } from './recording.ts';

export interface WireRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly chunked: boolean;
}

/** Sends one request byte for byte like the recorder, on a new connection, and reads the reply to its end. */
export function exchange(port: number, request: WireRequest): Promise<RecordedReply> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(requestBytes(request)));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('end', () => resolve(parseReply(Buffer.concat(chunks))));
  });
}

function requestBytes({ method, target, headers, body, chunked }: WireRequest): Buffer {
  const hasHost = headers.some(([name]) => name.toLowerCase() === 'host');
  const hasLength = headers.some(([name]) => name.toLowerCase() === 'content-length');
  const lines: (readonly [string, string])[] = [
    ...(hasHost ? [] : [['Host', '127.0.0.1:5000'] as const]),
    ...headers,
    ['Connection', 'close'],
    ...(chunked ? [['Transfer-Encoding', 'chunked'] as const] : []),
    ...(body.length > 0 && !chunked && !hasLength ? [['Content-Length', String(body.length)] as const] : []),
  ];
  const head = [
    Buffer.concat([Buffer.from(`${method} `), asSent(target), Buffer.from(' HTTP/1.1\r\n')]),
    ...lines.map(([name, value]) => asSent(`${name}: ${value}\r\n`)),
    Buffer.from('\r\n'),
  ];
  return Buffer.concat([...head, chunked ? chunkedBody(body) : body]);
}

/** Latin-1 if the text fits, else UTF-8. */
function asSent(text: string): Buffer {
  return Buffer.from(text, /^[\0-\u{ff}]*$/u.test(text) ? 'latin1' : 'utf8');
}

function chunkedBody(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let start = 0; start < body.length; start += 5000) {
    const part = body.subarray(start, start + 5000);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

/** Like the recorder, drops values that change each time, and white space around header values. */
function parseReply(bytes: Buffer): RecordedReply {
  const continued = 'HTTP/1.1 100 Continue\r\n\r\n';
  const all = bytes.toString('latin1').startsWith(continued) ? bytes.subarray(continued.length) : bytes;
  const end = all.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = all.toString('latin1', 0, Math.max(end, 0)).split('\r\n');
  const [, code, reason = ''] = /^HTTP\/1\.1 (\d{3}) ?(.*)$/.exec(statusLine) ?? [];
  // A status below 200, except 101, is an interim reply, after which a client waits for the final one.
  const isFinal = code !== undefined && (Number(code) >= 200 || code === '101');
  if (!isFinal) return { error: 'closed' };
  const headers = lines
    .map((line) => /^([^:]*): ?(.*)$/s.exec(line) ?? [])
    .map(([, name = '', value = '']) => [name, value.trim()] as const)
    .filter(([name]) => !variableHeaders.has(name.toLowerCase()));
  return { status: Number(code), reason, headers, ...content(all.subarray(end + 4)) };
}

const variableHeaders = new Set([
  'x-request-id',
  'x-openwhisk-activation-id',
  'date',
  'server',
  'connection',
  'keep-alive',
]);

function content(body: Buffer): { readonly text: string } | { readonly base64: string } {
  const text = body.toString('utf8');
  const isText = Buffer.from(text).equals(body);
  return isText ? { text: text.replaceAll(/\b[0-9a-f]{32}\b/g, '<id>') } : { base64: body.toString('base64') };
}
