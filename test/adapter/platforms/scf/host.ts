import type { ClientReply, ClientRequest } from '../../../contract/platform-client.ts';
import type { Header } from '../../../../adapter/http/message.ts';
import { startListening, type ChildProcess } from '../../adapter-process.ts';
import { sendHttp } from '../../http-client.ts';
import { httpEvent, readHttpReply, type Trigger } from './http-event.ts';

/**
 * Stands for Tencent SCF, which cannot run here: a host for one image function, by docs/protocols/scf.md. It starts the
 * adapter with SCF's variables, calls it with SCF's headers and credentials, and enforces SCF's limits.
 */
export interface ScfHost extends ScfFunction {
  readonly adapter: ChildProcess;
  readonly port: number;
  close(): Promise<void>;
}

/** The ways to call a running function. */
export interface ScfFunction {
  /** A request to a web function, which it gets unchanged. */
  web(request: ClientRequest): Promise<ClientReply>;
  /** A request to an event function, in an event of this trigger. */
  trigger(kind: Trigger, request: ClientRequest): Promise<ClientReply>;
  /** Invokes an event function: the reply of `POST /event-invoke`. */
  invoke(event: unknown, timeLimit?: number): Promise<ClientReply & { readonly json: unknown }>;
}

/** The credentials of the function's role, which SCF sends with every call. */
export interface Role {
  readonly id: string;
  readonly key: string;
  readonly token: string;
}

export const credentials: Role = { id: 'AKIDsecret0', key: 'secretkey0', token: 'sessiontoken0' };

/** SCF's variables. */
export const scfEnvironment = {
  TENCENTCLOUD_RUNENV: 'SCF',
  TENCENTCLOUD_REGION: 'ap-guangzhou',
  SCF_FUNCTIONNAME: 'echo',
  SCF_FUNCTIONVERSION: '$LATEST',
} as const;

export async function startScfHost(
  row: object,
  environment: Readonly<Record<string, string>> = {},
  role: Role = credentials,
): Promise<ScfHost> {
  // SCF's port is 9000, but several tests may run at the same time.
  const { port, adapter } = await startListening(row, (chosen) => ({
    ...scfEnvironment,
    MODELWHISK_PORT: chosen,
    ...environment,
  }));
  return { ...scfFunction(port, '127.0.0.1', role), adapter, port, close: async () => void (await adapter.stop()) };
}

/** Calls the function on this port like SCF. */
export function scfFunction(port: number, host: string, role: Role = credentials): ScfFunction {
  const invoke: ScfFunction['invoke'] = async (event, timeLimit = 30_000) => {
    const body = Buffer.from(JSON.stringify(event));
    if (body.length > maximumBody) throw new Error(`the event takes ${body.length} bytes, SCF's limit is 6 MB`);
    const headers: Header[] = [['Content-Type', 'application/json'], ...platformHeaders(timeLimit, role)];
    const reply = await sendHttp(port, { method: 'POST', path: '/event-invoke', query: '', headers, body }, host);
    if (reply.body.length > maximumBody)
      throw new Error(`the reply takes ${reply.body.length} bytes, too many for SCF`);
    return { ...reply, json: JSON.parse(Buffer.from(reply.body).toString()) as unknown };
  };
  return {
    invoke,
    async web(request) {
      const headers = [...request.headers, ...platformHeaders(request.timeLimit, role)];
      const reply = await sendHttp(port, { ...request, headers }, host);
      const size = reply.headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
      if (reply.body.length > maximumBody || size > maximumHeaders) throw new Error('UnhandledInvocationErr (502)');
      return reply;
    },
    async trigger(kind, request) {
      return readHttpReply(kind, (await invoke(httpEvent(kind, request), request.timeLimit)).json);
    },
  };
}

const maximumBody = 6 * 1024 * 1024;
/** 4 KB for the function's headers, and some for those of the connection. */
const maximumHeaders = 4096 + 200;

function platformHeaders(timeLimit: number, role: Role): Header[] {
  return [
    ['X-Scf-Request-Id', '3b21a413-6e6a-11ee-b2ba-52540008c7f7'],
    ['X-Scf-Memory', '512'],
    ['X-Scf-Timeout', String(timeLimit)],
    ['X-Scf-Version', '$LATEST'],
    ['X-Scf-Name', 'echo'],
    ['X-Scf-Namespace', 'default'],
    ['X-Scf-Region', 'ap-guangzhou'],
    ['X-Scf-Appid', '1253970026'],
    ['X-Scf-Uin', '100000090134'],
    ['X-Scf-Secret-Id', role.id],
    ['X-Scf-Secret-Key', role.key],
    ['X-Scf-Session-Token', role.token],
  ];
}
