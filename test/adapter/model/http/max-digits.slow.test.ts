import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpModelServer } from '../../../../adapter/model/http.ts';
import type { ModelServer } from '../../../../adapter/model/model-server.ts';
import { freePort } from '../../../support/free-port.ts';
import { wholeReply } from '../../../support/whole-reply.ts';
import { lacks } from '../../../support/requirements.ts';
import { requestOf } from '../../../contract/suite.ts';
import { pythonWith } from '../../../support/python-environment.ts';
import { httpRow } from './rows.ts';
import { variedRequests } from './varied-requests.ts';
import type { VariedRequest } from './varied-requests.ts';

const examples = join(import.meta.dirname, '../../../../examples');
const source = join(examples, 'max-digits');
const requests = variedRequests(join(examples, 'digits/samples'));

describe.skipIf(lacks('python3')).each([
  ['as pip installs it today', 'requirements.txt'],
  ['with the packages of max-base v1.5.2 (HTTP/1.0)', 'requirements-max-base-1.5.2.txt'],
])('a MAX server %s', (_, requirements) => {
  let directory: string;
  let port: number;
  let server: ModelServer;

  beforeAll(async () => {
    const python = pythonWith(join(source, requirements));
    // The folder as in the Dockerfile.
    directory = mkdtempSync(join(tmpdir(), 'max-digits-'));
    cpSync(source, directory, { recursive: true });
    mkdirSync(join(directory, 'assets'));
    cpSync(join(examples, 'digits/model.onnx'), join(directory, 'assets/model.onnx'));
    port = await freePort();
    server = createHttpModelServer({
      // Instead of "python app.py", whose port 5000 may be taken on the machine that runs the tests.
      base: { entrypoint: [python], command: ['-c', `import app; app.max_app.run(port=${port})`], environment: {} },
      server: httpRow({ port }),
      environment: process.env,
      directory,
      log: () => undefined,
    });
    await server.ready();
  });
  afterAll(async () => {
    await server.close();
    if (existsSync(directory)) rmSync(directory, { recursive: true });
  });

  test('there are 200 requests, answered in many ways', async () => {
    expect(requests).toHaveLength(200);
    const statuses = await Promise.all(requests.map(async (request) => (await direct(port, request)).status));
    expect([...new Set(statuses)]).toEqual(expect.arrayContaining([200, 206, 304, 400, 404, 405]));
  });

  test('every reply through the adapter is the direct one, byte for byte', async () => {
    for (const request of requests) {
      const expected = await direct(port, request);
      const { status, headers, body } = await wholeReply(server, requestOf(request));
      const contentType = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
      const received = { status, contentType, body };
      expect(received, `${request.method} ${request.path}?${request.query}`).toEqual(expected);
    }
  });
});

/** The server's own reply, read by Node's fetch, which shares no code with the adapter's client. */
async function direct(
  port: number,
  { method, path, query, headers, body }: VariedRequest,
): Promise<{ status: number; contentType: string | undefined; body: Buffer }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}${query === '' ? '' : `?${query}`}`, {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    redirect: 'manual',
    ...(method === 'GET' || method === 'HEAD' ? {} : { body }),
  });
  const contentType = response.headers.get('content-type') ?? undefined;
  return { status: response.status, contentType, body: Buffer.from(await response.arrayBuffer()) };
}
