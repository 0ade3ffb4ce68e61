import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { execa } from 'execa';
import type { ModelRow } from '../../core/row.ts';
import { curlCommand } from '../../deploy/curl.ts';

/** The parts of a request to a model server that must be the same for two ways of sending it. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly contentType: string | undefined;
  readonly body: Buffer;
}

export interface Recorder {
  readonly port: number;
  readonly url: string;
  /** Returns the requests since the last call, oldest first. */
  readonly take: () => readonly RecordedRequest[];
  readonly close: () => Promise<void>;
}

/** Starts a server on loopback that stands for any model server: it keeps all requests and answers {}. */
export async function startRecorder(): Promise<Recorder> {
  let requests: RecordedRequest[] = [];
  const record = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request;
    const [path = '', query = ''] = url.split(/\?(.*)/s);
    requests.push({ method, path, query, contentType: headers['content-type'], body: await buffer(request) });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  };
  const server = createServer((request, response) => {
    void record(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${String(port)}`,
    take: () => {
      const taken = requests;
      requests = [];
      return taken;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A temporary folder with a file for every row with a sample file. The bytes are arbitrary, because no model runs. */
export function sampleFolder(rows: readonly ModelRow[]): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'modelwhisk-samples-'));
  for (const { sample } of rows) {
    if (sample?.file === undefined) continue;
    mkdirSync(dirname(join(path, sample.file)), { recursive: true });
    writeFileSync(join(path, sample.file), sampleBytes(sample.file));
  }
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** All byte values, with line breaks and dashes like a boundary, and the file's name at the end. */
export function sampleBytes(file: string): Buffer {
  return Buffer.concat([
    Buffer.from(Array.from({ length: 256 }, (_, value) => value)),
    Buffer.from(`\r\n--${file}--\r\n`),
  ]);
}

/**
 * Runs the row's curl command in a shell, like a user.
 *
 * @param url URL of the predict route, see curlCommand
 */
export async function runSampleCurl(row: ModelRow, url: string, folder: string): Promise<void> {
  // The added options come first, so that the command itself stays unchanged.
  const line = curlCommand(row, url).replace(/^curl /, 'curl --silent --show-error --fail-with-body ');
  await execa('/bin/sh', ['-c', line], { cwd: folder, env: { http_proxy: '', no_proxy: '*' } });
}

/** The request with a fixed multipart boundary instead of curl's random one. */
export function withFixedBoundary(request: RecordedRequest): RecordedRequest {
  const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(request.contentType ?? '')?.[1];
  if (boundary === undefined) return request;
  return {
    ...request,
    contentType: 'multipart/form-data; boundary=BOUNDARY',
    body: Buffer.from(request.body.toString('latin1').replaceAll(boundary, 'BOUNDARY'), 'latin1'),
  };
}
