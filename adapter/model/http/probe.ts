import http from 'node:http';
import type { HttpServerRow } from '../../../core/row.ts';
import { messageOf } from '../../../core/errors.ts';
import { textAt } from '../../json/path.ts';
import { connects, loopbackHosts } from './port.ts';

export type ProbeResult =
  | { readonly ready: true; /** The loopback address that answered. */ readonly host: string }
  | { readonly ready: false; /** "GET /ping answered 503" */ readonly reason: string };

/** One look at whether the model server can be called. Resolves within `timeout` milliseconds, never rejects. */
export type Probe = (timeout: number) => Promise<ProbeResult>;

/** The row's own test of readiness. */
export function createProbe({ ready, port }: HttpServerRow): Probe {
  if (ready.kind === 'port') return onEitherHost((host, timeout) => connects(host, port, timeout));
  return onEitherHost(async (host, timeout) => {
    const { status, body } = await get(host, port, ready.path, timeout);
    const answer = `GET ${ready.path} answered ${status}`;
    if (ready.kind === 'get') {
      const [lowest, highest] = ready.status;
      return status >= lowest && status <= highest ? undefined : answer;
    }
    const value = textAt(body, ready.field);
    return value === ready.equals ? undefined : `${answer}, ${ready.field} ${value ?? 'is not there'}`;
  });
}

/**
 * Whether the model server still does anything: the row's own test where that makes the server answer; any answer to
 * `GET /` where it is the port alone, since the kernel accepts connections for a process that hangs.
 */
export function createLivenessProbe(row: HttpServerRow): Probe {
  if (row.ready.kind !== 'port') return createProbe(row);
  return onEitherHost(async (host, timeout) => {
    await get(host, row.port, '/', timeout);
    return undefined;
  });
}

/** `look` says what is missing; undefined means ready. */
function onEitherHost(look: (host: string, timeout: number) => Promise<string | undefined>): Probe {
  return async (timeout) => {
    let reason = '';
    for (const host of loopbackHosts) {
      const missing = await look(host, timeout).catch(messageOf);
      if (missing === undefined) return { ready: true, host };
      // The second address only matters where it answers; the first one's reason is the telling one.
      if (reason === '') reason = missing;
    }
    return { ready: false, reason };
  };
}

const longestDocument = 1 << 20;

function get(host: string, port: number, path: string, timeout: number): Promise<{ status: number; body: string }> {
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
