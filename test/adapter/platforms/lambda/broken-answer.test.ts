import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { expressStreams, nodeStreams } from '../../../contract/stream-models.ts';
import { eventually } from '../../../support/eventually.ts';
import { functionUrl } from './front-ends.ts';
import { startLambdaFunction, type LambdaFunction } from './start-lambda.ts';

let lambda: LambdaFunction;
afterEach(() => lambda.stop());

/** A GET of this path through a function URL. */
function get(path: string, query = ''): object {
  return functionUrl.event({ method: 'GET', path, query, headers: [], body: Buffer.alloc(0), timeLimit: 0 });
}

/** The path of a file that does not exist yet. */
async function newFile(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), 'modelwhisk-')), 'file');
}

const streaming = { MODELWHISK_LAMBDA_RESPONSE_STREAM: 'true' };
const ofTwo = { AWS_LAMBDA_MAX_CONCURRENCY: '2', AWS_LAMBDA_INITIALIZATION_TYPE: 'lambda-managed-instances' };

describe.each([expressStreams, nodeStreams])('the reply of $name', (model) => {
  const start = async (settings: Readonly<Record<string, string>>): Promise<LambdaFunction> => {
    const { row, environment } = await model.create();
    return startLambdaFunction(row, { ...environment, ...settings });
  };

  test.each([
    ['whole', {}, '/ready'],
    ['streamed', streaming, '/pour?megabytes=10'],
  ])('sent %s over a connection that breaks does not disturb the next call', async (_how, settings, target) => {
    lambda = await start(settings);
    const [path = '', query] = target.split('?');
    const broken = new Promise((resolve) => {
      void lambda.api.invoke(get(path, query), 30_000, {}, ({ socket }) => resolve(socket.destroy()));
    });
    await broken;
    expect((await lambda.api.invoke(get('/ready'))).body.toString()).toContain('"statusCode":200');
  });

  // As emulators in Node.js do, whose servers close a connection after 5 idle seconds.
  test('is sent again if its kept connection is closed at that moment', async () => {
    lambda = await start({});
    let answers = 0;
    const outcome = await lambda.api.invoke(get('/ready'), 30_000, {}, ({ socket }) => {
      answers += 1;
      if (answers === 1) socket.destroy();
    });
    expect([answers, outcome.body.toString()]).toEqual([2, expect.stringContaining('"statusCode":200')]);
  });

  test('ends with the model server when Lambda refuses it in the middle', async () => {
    lambda = await start(streaming);
    const file = await newFile();
    void lambda.api.invoke(get('/endless', `file=${file}`), 30_000, {}, (request, response) => {
      request.resume();
      response.writeHead(413).end('{"errorType":"RequestEntityTooLarge"}');
    });
    expect((await lambda.api.invoke(get('/ready'))).body.toString()).toContain('"statusCode":200');
    await eventually('the model server sees the end of the call', () => existsSync(file), Boolean, 10);
  });

  test('arrives although the Runtime API fails for another call, and then the process exits', async () => {
    lambda = await start(ofTwo);
    const other = lambda.api.invoke(get('/events', 'count=10'));
    void lambda.api.invoke(get('/ready'), 30_000, {}, (_request, response) => response.writeHead(500).end('{}'));
    expect((await other).body.toString()).toContain('data: ');
    expect(await lambda.exited).toBe(1);
  });
});

test.each([
  ['that no header takes', '', 'Function.A'],
  ['of 100 KB', `?code=${'x'.repeat(100_000)}`, `Function.X${'x'.repeat(99)}`],
  ['of no letter', '?code=%C3%9C', 'Function.Error'],
])('a model that refuses with an error code %s fails that invocation alone', async (_title, query, type) => {
  const module = join(import.meta.dirname, 'fixtures/refusing.mjs');
  const predict = { path: `/${query}`, input: { kind: 'json' } };
  const server = { kind: 'express', module, export: 'app' };
  lambda = await startLambdaFunction({ name: 'm', title: 'M', image: 'me/m', server, predict });
  for (const _ of [1, 2]) {
    const { kind, headers } = await lambda.api.invoke({ a: 1 });
    expect([kind, headers['lambda-runtime-function-error-type']]).toEqual(['error', type]);
  }
});
