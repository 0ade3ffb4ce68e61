import http from 'node:http';
import type { HttpServerRow } from '../../../core/row.ts';
import { messageOf } from '../../../core/errors.ts';
import { textAt } from '../../json/path.ts';
import { connects, loopbackHosts } from './port.ts';

export type ProbeResult =
  | { readonly state: 'ready'; /** The loopback address that takes calls. */ readonly host: string }
  /** It answered that it is not ready. */
  | { readonly state: 'waiting'; /** "GET /ping answered 503" */ readonly reason: string }
  /** It answered with a value that the row names as a failure. */
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'silent'; readonly reason: string };

/** Checks once whether the model server can be called. Resolves within `timeout` milliseconds, never rejects. */
export type Probe = (timeout: number) => Promise<ProbeResult>;

/** The row's `ready` check. */
export function createProbe({ ready, port }: HttpServerRow): Probe {
  if (ready.kind === 'port') return onEitherHost(async (host, timeout) => connected(host, port, timeout));
  const asked = onEitherHost(async (host, timeout) => {
    const reply = await get(host, ready.port ?? port, ready.path, timeout);
    return judge(ready, host, reply);
  });
  if (ready.port === undefined || ready.port === port) return asked;
  // The port for calls may listen on the other loopback address.
  const takesCalls = onEitherHost(async (host, timeout) => connected(host, port, timeout));
  return async (timeout) => {
    const result = await asked(timeout);
    return result.state === 'ready' ? takesCalls(timeout) : result;
  };
}

/**
 * Whether the model server still responds. Uses the row's `ready` check. If that is only the port, any answer to
 * `GET /` counts instead, because the kernel accepts connections even for a hanging process.
 */
export function createLivenessProbe(row: HttpServerRow): Probe {
  if (row.ready.kind !== 'port') return createProbe(row);
  return onEitherHost(async (host, timeout) => {
    await get(host, row.port, '/', timeout);
    return { state: 'ready', host };
  });
}

type AskedCheck = Exclude<HttpServerRow['ready'], { kind: 'port' }>;

function judge(ready: AskedCheck, host: string, { status, body }: Reply): ProbeResult {
  const answer = `GET ${ready.path} answered ${status}`;
  if (ready.kind === 'get') {
    const [lowest, highest] = ready.status;
    return status >= lowest && status <= highest ? { state: 'ready', host } : { state: 'waiting', reason: answer };
  }
  const value = textAt(body, ready.field);
  if (value === ready.equals) return { state: 'ready', host };
  const state = value !== undefined && ready.failed?.includes(value) === true ? 'failed' : 'waiting';
  return { state, reason: `${answer}, ${ready.field} ${value ?? 'is not there'}` };
}

async function connected(host: string, port: number, timeout: number): Promise<ProbeResult> {
  await connects(host, port, timeout);
  return { state: 'ready', host };
}

/** Tries both loopback addresses. `look` rejects if nothing answers. */
function onEitherHost(look: (host: string, timeout: number) => Promise<ProbeResult>): Probe {
  return async (timeout) => {
    let first: ProbeResult | undefined;
    for (const host of loopbackHosts) {
      const result = await look(host, timeout).catch((error: unknown): ProbeResult => {
        return { state: 'silent', reason: messageOf(error) };
      });
      if (result.state === 'ready') return result;
      // The first address's reason is more useful, unless only the second address answers.
      if (first === undefined || (first.state === 'silent' && result.state !== 'silent')) first = result;
    }
    return first ?? { state: 'silent', reason: 'no loopback address' };
  };
}

interface Reply {
  readonly status: number;
  readonly body: string;
}

const longestDocument = 1 << 20;

function get(host: string, port: number, path: string, timeout: number): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host, port, path, agent: false }, (reply) => {
      let body = '';
      reply.setEncoding('utf8');
      reply.on('data', (text: string) => {
        body += text;
        if (body.length > longestDocument)
          reply.destroy(new Error(`GET ${path} answered more than ${longestDocument} bytes`));
      });
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body }));
      reply.on('error', reject);
    });
    const expire = setTimeout(
      () => request.destroy(new Error(`GET ${path} did not answer within ${timeout} ms`)),
      timeout,
    );
    request.on('error', reject);
    request.on('close', () => clearTimeout(expire));
  });
}
