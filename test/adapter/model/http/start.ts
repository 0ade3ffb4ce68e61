import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createHttpModelServer } from '../../../../adapter/model/http.ts';
import type { HttpModelServerOptions } from '../../../../adapter/model/http.ts';
import type { ModelServer } from '../../../../adapter/model/model-server.ts';
import type { HttpServerRow } from '../../../../core/row.ts';
import { freePort } from '../../../support/free-port.ts';
import { wholeReply } from '../../../support/whole-reply.ts';
import { requestOf } from '../../../contract/suite.ts';
import { httpRow } from './rows.ts';

export const entrypoint = [process.execPath, join(import.meta.dirname, 'fixtures/server.mjs')];

export interface Started {
  readonly server: ModelServer;
  readonly port: number;
  /** The log lines so far. */
  readonly lines: string[];
  /** GETs a path. Resolves with the body as text. */
  readonly get: (path: string, patience?: number) => Promise<string>;
}

/** Starts fixtures/server.mjs on a free port, until the test ends. `environment` reaches it through the row. */
export async function startFixture(
  environment: Record<string, string>,
  row: Partial<HttpServerRow> = {},
  options: Partial<HttpModelServerOptions> = {},
): Promise<Started> {
  const port = await freePort();
  const lines: string[] = [];
  const server = createHttpModelServer({
    server: httpRow({ port, environment: { PORT: String(port), ...environment }, ...row }),
    base: { entrypoint, command: null, environment: {} },
    environment: process.env,
    log: (line) => lines.push(line),
    ...options,
  });
  onTestFinished(async () => server.close());
  const get = async (path: string, patience = 20_000): Promise<string> => {
    const { body } = await wholeReply(server, requestOf({ path, signal: AbortSignal.timeout(patience) }));
    return body.toString();
  };
  return { server, port, lines, get };
}

/** Whether a process runs. A zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
