import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { headerPairs } from '../../../../adapter/headers.ts';
import type { Header } from '../../../../adapter/model/model-server.ts';
import { freePort } from '../../../contract/free-port.ts';
import type { ClientReply } from '../../../contract/platform-suite.ts';
import { type ChildProcess, spawnAdapter } from '../../adapter-process.ts';
import { untilListening } from '../../start-adapter.ts';

/** The adapter as the Functions host starts it: a process that is told a port of 127.0.0.1, and called there. */
export interface CustomHandler extends Pick<ChildProcess, 'output' | 'stop'> {
  readonly port: number;
  /** Sends what the host sends, the headers that name the invocation among it. */
  send(request: HostRequest): Promise<ClientReply>;
  /** Calls a function in the host's default way, `{Data, Metadata}`. */
  invoke(functionName: string, payload: Payload | string): Promise<InvocationReply>;
}

export interface HostRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

export interface Payload {
  readonly Data: Readonly<Record<string, unknown>>;
  readonly Metadata: Readonly<Record<string, unknown>>;
}

export interface InvocationReply {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
}

/** The id of every invocation, so that tests know what to look for. */
export const invocationId = randomUUID();

export async function startCustomHandler(
  row: object,
  environment: Readonly<Record<string, string>> = {},
): Promise<CustomHandler> {
  const port = await freePort();
  const child = spawnAdapter(row, { FUNCTIONS_CUSTOMHANDLER_PORT: String(port), ...environment });
  await untilListening(port, child);
  const send = (request: HostRequest): Promise<ClientReply> => sendToHandler(port, request);
  return {
    port,
    output: () => child.output(),
    stop: (signal) => child.stop(signal),
    send,
    async invoke(functionName, payload) {
      const reply = await send({
        method: 'POST',
        target: `/${functionName}`,
        headers: [['Content-Type', 'application/json; charset=utf-8']],
        body: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
      });
      const json = JSON.parse(Buffer.from(reply.body).toString()) as Record<string, unknown>;
      return { status: reply.status, json };
    },
  };
}

function sendToHandler(port: number, { method, target, headers, body }: HostRequest): Promise<ClientReply> {
  const named: readonly Header[] = headers.some(([name]) => name.toLowerCase() === 'host')
    ? headers
    : [['Host', `127.0.0.1:${port}`], ...headers];
  const all: readonly Header[] = [
    ...named.filter(([name]) => name.toLowerCase() !== 'content-length'),
    ...(body.length > 0 ? [['Content-Length', String(body.length)] as const] : []),
    ['X-Azure-Functions-HostVersion', '4.1036.2'],
    ['X-Azure-Functions-InvocationId', invocationId],
  ];
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      { host: '127.0.0.1', port, method, path: target, headers: all.flat(), agent: false },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: headerPairs(incoming.rawHeaders),
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
