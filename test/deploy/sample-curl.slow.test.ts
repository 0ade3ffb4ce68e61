import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { modelRow, runtimeRow, type ModelRow } from '../../core/row.ts';
import { createAction, type Action } from '../../gateway/action.ts';
import { createGateway } from '../../gateway/server.ts';
import { actionUrl } from '../../deploy/curl.ts';
import { bundledAdapter } from '../adapter/bundled.ts';
import { freePort } from '../support/free-port.ts';
import { lacks } from '../support/requirements.ts';
import { filledRows } from '../image/rows.ts';
import {
  runSampleCurl,
  sampleBytes,
  sampleFolder,
  startRecorder,
  withFixedBoundary,
  type RecordedRequest,
  type Recorder,
} from '../image/recorder.ts';

let recorder: Recorder;
let folder: ReturnType<typeof sampleFolder>;
beforeAll(async () => {
  recorder = await startRecorder();
  folder = sampleFolder(filledRows);
});
afterAll(async () => {
  folder.remove();
  await recorder.close();
});

/** The request that the model server gets from the row's curl command for this URL. */
async function received(row: ModelRow, url: string): Promise<RecordedRequest> {
  await runSampleCurl(row, url, folder.path);
  const [request, ...others] = recorder.take();
  if (request === undefined || others.length > 0) throw new Error('expected exactly one request');
  return withFixedBoundary(request);
}

const impossible = lacks('curl');

describe.skipIf(impossible)('the sample curl of every row, sent to the model directly', () => {
  test.each(filledRows)('is the call that the row of $name describes', async (row) => {
    const request = await received(row, `${recorder.url}${row.predict.path}`);
    expect({ ...request, body: request.body.toString('latin1') }).toEqual({
      method: row.predict.method,
      path: row.predict.path,
      query: queryOf(row),
      ...bodyOf(row),
    });
    expect(requiredNames(row).filter((name) => !sentNames(row, request).includes(name))).toEqual([]);
  });
});

describe.skipIf(impossible)('the sample curl of every row, sent to the web action', () => {
  test.each(filledRows)('reaches the model server of $name as if it had been sent there', async (row) => {
    const gateway = createGateway({ actions: [await recordedAction(row)] });
    try {
      const apiHost = await gateway.listen(0, '127.0.0.1');
      const throughAction = await received(row, actionUrl(row, apiHost));
      const direct = await received(row, `${recorder.url}${row.predict.path}`);
      expect(asPlatformKeepsIt(throughAction)).toEqual(asPlatformKeepsIt(direct));
    } finally {
      await gateway.close();
    }
  });
});

/** The controller parses JSON objects and the query of standard web actions, so their order is lost. */
function asPlatformKeepsIt(request: RecordedRequest): object {
  const query = request.query.split('&').toSorted();
  if (request.contentType !== 'application/json') return { ...request, query };
  return { ...request, query, body: JSON.parse(request.body.toString()) as unknown };
}

/** The row's action, whose model server passes every connection on to the recorder. */
async function recordedAction(row: ModelRow): Promise<Action> {
  const port = await freePort();
  const relay = `net.createServer((near) => near.pipe(net.connect(${recorder.port}, '127.0.0.1')).pipe(near)).listen(${port})`;
  const recorded = runtimeRow({ ...row, server: modelRow.shape.server.parse({ kind: 'http', port }) });
  const base = { entrypoint: [process.execPath, '-e'], command: [relay], environment: {} };
  return createAction({
    name: row.name,
    source: {
      kind: 'process',
      command: process.execPath,
      arguments: [await bundledAdapter()],
      environment: { MODELWHISK_MODEL: JSON.stringify(recorded), MODELWHISK_BASE: JSON.stringify(base) },
      directory: folder.path,
    },
  });
}

function queryOf({ sample }: ModelRow): string {
  const pairs = Object.entries(sample?.query ?? {}).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return pairs.join('&');
}

function bodyOf({ predict: { input }, sample }: ModelRow): { contentType: string | undefined; body: string } {
  switch (input.kind) {
    case 'file': {
      const file = sample?.file ?? '';
      const head = [
        `Content-Disposition: form-data; name="${input.field}"; filename="${basename(file)}"`,
        `Content-Type: ${input.contentTypeEnforced ? input.contentType : curlTypeOf(file)}`,
      ].join('\r\n');
      return {
        contentType: 'multipart/form-data; boundary=BOUNDARY',
        body: `--BOUNDARY\r\n${head}\r\n\r\n${sampleBytes(file).toString('latin1')}\r\n--BOUNDARY--\r\n`,
      };
    }
    case 'json':
      return {
        contentType: 'application/json',
        body: Buffer.from(JSON.stringify(sample?.json)).toString('latin1'),
      };
    case 'raw':
      return { contentType: input.contentType, body: sampleBytes(sample?.file ?? '').toString('latin1') };
    case 'query':
      return { contentType: undefined, body: '' };
  }
}

/** The part types of curl 7 and 8 (lib/formdata and lib/mime: "ContentTypes") that the samples need. */
function curlTypeOf(file: string): string {
  const types: Readonly<Record<string, string>> = {
    jpg: 'image/jpeg',
    jpeg: 'image/jpeg',
    png: 'image/png',
    txt: 'text/plain',
  };
  return types[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
}

/** The names that the model requires. */
function requiredNames({ predict: { input, parameters } }: ModelRow): readonly string[] {
  const fields = input.kind === 'json' ? input.fields : [];
  return [...parameters, ...fields].filter(({ required }) => required).map(({ name }) => name);
}

function sentNames({ predict }: ModelRow, { query, body }: RecordedRequest): readonly string[] {
  const fields: unknown = predict.input.kind === 'json' ? JSON.parse(body.toString()) : {};
  return [...new URLSearchParams(query).keys(), ...Object.keys(fields as object)];
}
