import { randomUUID } from 'node:crypto';
import type { ClientReply, ClientRequest } from '../../../contract/platform-client.ts';
import { type ChildProcess, startListening } from '../../adapter-process.ts';
import { sendHttp } from '../../http-client.ts';

/** The adapter as the Functions host starts it: a process that is called on a given port of 127.0.0.1. */
export interface CustomHandler extends HandlerClient, Pick<ChildProcess, 'output' | 'stop'> {
  readonly port: number;
}

/** The host's calls of a running custom handler. */
export interface HandlerClient {
  /** Sends a request of the host, with the headers of the invocation. */
  send(request: HostRequest): Promise<ClientReply>;
  /** Calls a function in the host's default way, `{Data, Metadata}`. */
  invoke(functionName: string, payload: Payload | string): Promise<InvocationReply>;
}

export type HostRequest = Omit<ClientRequest, 'timeLimit'>;

export interface Payload {
  readonly Data: Readonly<Record<string, unknown>>;
  readonly Metadata: Readonly<Record<string, unknown>>;
}

export interface InvocationReply {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
}

/** The id of all invocations in tests. */
export const invocationId = randomUUID();

export async function startCustomHandler(
  row: object,
  environment: Readonly<Record<string, string>> = {},
): Promise<CustomHandler> {
  const { port, adapter } = await startListening(row, (chosen) => ({
    FUNCTIONS_CUSTOMHANDLER_PORT: chosen,
    ...environment,
  }));
  return { ...handlerClient(port), port, output: adapter.output, stop: adapter.stop };
}

export function handlerClient(port: number): HandlerClient {
  const send = (request: HostRequest, host: string): Promise<ClientReply> =>
    sendHttp(port, { ...request, headers: [...request.headers, ...hostHeaders] }, host);
  return {
    // A request that is passed on keeps the name that its client has called.
    send: (request) => send(request, 'localhost'),
    async invoke(functionName, payload) {
      const request: HostRequest = {
        method: 'POST',
        path: `/${functionName}`,
        query: '',
        headers: [['Content-Type', 'application/json; charset=utf-8']],
        body: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
      };
      const reply = await send(request, '127.0.0.1');
      const json = JSON.parse(Buffer.from(reply.body).toString()) as Record<string, unknown>;
      return { status: reply.status, json };
    },
  };
}

const hostHeaders = [
  ['X-Azure-Functions-HostVersion', '4.1036.2'],
  ['X-Azure-Functions-InvocationId', invocationId],
] as const;
