import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { png } from '../../../contract/bodies.ts';
import { fileRow, fixture } from './fixtures.ts';
import { functionUrl } from './front-ends.ts';
import type { Outcome } from './runtime-api.ts';
import { startLambdaFunction, type LambdaFunction } from './start-lambda.ts';

let lambda: LambdaFunction;
afterEach(() => lambda.stop());

const jsonRow = { ...fileRow, predict: { ...fileRow.predict, path: '/mirror', input: { kind: 'json', fields: [] } } };

/** A GET of this path through a function URL. */
function get(path: string, query = ''): object {
  return functionUrl.event({ method: 'GET', path, query, headers: [], body: Buffer.alloc(0), timeLimit: 0 });
}

function json({ body }: Outcome): Record<string, unknown> {
  return JSON.parse(body.toString()) as Record<string, unknown>;
}

/** The body of an HTTP reply, as JSON. */
function replied(outcome: Outcome): Record<string, unknown> {
  return JSON.parse(String(json(outcome)['body'])) as Record<string, unknown>;
}

describe('an HTTP event', () => {
  test('without a path calls the predict route, and may name the file in JSON', async () => {
    lambda = await startLambdaFunction(fileRow);
    const event = { ...fixture('function-url'), body: '{"image_base64":"iVA=","threshold":0.7}' };
    const { method, url, body } = replied(await lambda.api.invoke(event));
    expect([method, url]).toEqual(['POST', '/model/predict?threshold=0.7']);
    const form = Buffer.from(String(body), 'base64').toString('latin1');
    expect(form).toMatch(/name="image"; filename="image.jpg"\r\nContent-Type: image\/jpeg\r\n\r\n\x89P\r\n/i);
  });

  test('reaches the model server without the base path that its owner names', async () => {
    lambda = await startLambdaFunction(fileRow, { MODELWHISK_LAMBDA_BASE_PATH: '/digits' });
    expect(replied(await lambda.api.invoke(get('/digits/status', 'a=1')))['url']).toBe('/status?a=1');
  });

  test('is aborted before the deadline, with 504 and the time it took, and the next is answered', async () => {
    lambda = await startLambdaFunction(fileRow, { MODELWHISK_DEADLINE_MARGIN: '300' });
    await lambda.api.asked;
    const outcome = await lambda.api.invoke(get('/hang'), 3000);
    expect(json(outcome)).toMatchObject({ statusCode: 504 });
    expect(replied(outcome)).toMatchObject({ code: 'MODEL_TIMEOUT', milliseconds: expect.any(Number) as number });
    expect(json(await lambda.api.invoke(get('/status/201')))).toMatchObject({ statusCode: 201 });
  });

  test('gives the model server the request id and the trace', async () => {
    lambda = await startLambdaFunction(fileRow);
    const { headers } = replied(await lambda.api.invoke(get('/x'))) as { headers: string[] };
    const trace = 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1';
    expect(headers.slice(headers.indexOf('x-amzn-trace-id'))).toEqual(expect.arrayContaining([trace]));
    expect(headers).toContain('8476a536-e9f4-11e8-9739-000000000001');
    expect(replied(await lambda.api.invoke(get('/environment/_X_AMZN_TRACE_ID')))).toBe(trace);
  });

  test('that is malformed fails the invocation with the reason, and the next is answered', async () => {
    lambda = await startLambdaFunction(fileRow);
    const outcome = await lambda.api.invoke({ ...fixture('http-api'), rawPath: 7 });
    expect(outcome.kind).toBe('error');
    expect(json(outcome)).toMatchObject({
      errorType: 'EVENT',
      errorMessage: /malformed at rawPath/ as unknown as string,
    });
    expect(json(await lambda.api.invoke(get('/status/200')))).toMatchObject({ statusCode: 200 });
  });
});

describe('a direct invocation', () => {
  test('is answered with the JSON that the model server says', async () => {
    lambda = await startLambdaFunction(jsonRow);
    const outcome = await lambda.api.invoke({ text: '❄ ☃' });
    expect([outcome.kind, json(outcome)]).toEqual(['response', { text: '❄ ☃' }]);
  });

  test('reaches the model server with every digit of its numbers', async () => {
    lambda = await startLambdaFunction({ ...jsonRow, predict: { ...jsonRow.predict, output: 'image/png' } });
    const event = '{"n":1.0,"big":[12345678901234567890,1e400],"deep":{"x":0.1000000000000000055}}';
    const { body } = json(await lambda.api.invoke(Buffer.from(event)));
    expect(Buffer.from(String(body), 'base64').toString()).toBe(event);
  });

  test.each([
    ['a missing route', { threshold: 1, image_base64: 'iVA=' }, '/status/404', 'STATUS_404', /answered 404/],
    ['no parameter that names the file', {}, '/mirror', 'INPUT', /input file is missing/],
    ['an array', [1], '/mirror', 'EVENT', /the event is \[1\]; expected an object of parameters/],
    ['a text', 'x', '/mirror', 'EVENT', /the event is "x"; expected an object of parameters/],
    ['a file that is refused', { image_url: 'file:///etc/passwd' }, '/mirror', 'INPUT', /scheme "file:"/],
  ])('fails for %s, so that the caller sees a function error', async (_title, event, path, errorType, message) => {
    lambda = await startLambdaFunction({
      ...fileRow,
      predict: { ...fileRow.predict, path, method: path === '/status/404' ? 'GET' : 'POST' },
    });
    const outcome = await lambda.api.invoke(event);
    expect(outcome.kind).toBe('error');
    expect(json(outcome)).toMatchObject({
      errorType,
      errorMessage: expect.stringMatching(message) as string,
      stackTrace: [],
    });
    expect(outcome.headers['lambda-runtime-function-error-type']).toMatch(/^Function\.[A-Z][A-Za-z0-9]+$/);
  });

  test('fails for an event that is not JSON', async () => {
    lambda = await startLambdaFunction(fileRow);
    expect(json(await lambda.api.invoke(Buffer.from('{')))).toMatchObject({ errorMessage: 'the event is not JSON' });
  });

  test('fails with both sizes if the result is over 6 MB', async () => {
    const predict = { path: '/large', method: 'GET', input: { kind: 'query' } };
    lambda = await startLambdaFunction({ ...fileRow, predict });
    expect(json(await lambda.api.invoke({ type: 'image/png', bytes: 5_000_000 }))).toMatchObject({
      errorType: 'RESULT_TOO_LARGE',
      errorMessage: expect.stringMatching(/takes 66\d+ bytes, over the platform's limit of 6291456/) as string,
    });
  });
});

describe('an event of S3', () => {
  test('makes the object the input, by its bucket and key', async () => {
    lambda = await startLambdaFunction({ ...fileRow, predict: { path: '/seen', input: { kind: 'json' } } });
    const outcome = await lambda.api.invoke(fixture('s3-put'));
    const [first] = json(outcome) as unknown as [{ bucket: string; key: string; result: { body: string } }];
    const sent = Buffer.from(first.result.body, 'base64').toString();
    expect([first.bucket, first.key]).toEqual(['amzn-s3-demo-bucket', 'uploads/a b+cé&.png']);
    expect(JSON.parse(sent)).toEqual({ bucket: 'amzn-s3-demo-bucket', key: 'uploads/a b+cé&.png' });
  });
});

describe('a batch of SQS', () => {
  test('reports the messages that failed, and only those', async () => {
    lambda = await startLambdaFunction(fileRow);
    const outcome = await lambda.api.invoke(fixture('sqs'));
    expect([outcome.kind, json(outcome)]).toEqual([
      'response',
      { batchItemFailures: [{ itemIdentifier: '2e1424d4-f796-459a-8184-9c92662be6da' }] },
    ]);
    await expect
      .poll(() => lambda.output().stderr)
      .toContain('SQS message 2e1424d4-f796-459a-8184-9c92662be6da failed: ');
  });

  test('of a FIFO queue does nothing after a failure, so that the order is kept', async () => {
    lambda = await startLambdaFunction(fileRow);
    const records = (fixture('sqs')['Records'] as object[]).map((record) => ({
      ...record,
      eventSourceARN: 'arn:aws:sqs:us-east-2:123456789012:my-queue.fifo',
    }));
    expect(json(await lambda.api.invoke({ Records: records }))).toEqual({
      batchItemFailures: [
        { itemIdentifier: '2e1424d4-f796-459a-8184-9c92662be6da' },
        { itemIdentifier: '7c5a9f4e-0a7c-4b65-9c39-0fd9bd1c2c1b' },
      ],
    });
  });

  test('recognises the notifications of S3 in it', async () => {
    lambda = await startLambdaFunction(jsonRow);
    const body = JSON.stringify(fixture('s3-put'));
    const record = { messageId: '1', body, eventSource: 'aws:sqs', eventSourceARN: 'arn:aws:sqs:x:1:queue' };
    expect(json(await lambda.api.invoke({ Records: [record] }))).toEqual({ batchItemFailures: [] });
  });
});

describe('a batch that takes longer than its time limit', () => {
  const second = { predict: { path: '/slow', method: 'GET', input: { kind: 'query' } } };
  const record = (name: string) => ({
    messageId: name,
    body: JSON.stringify({ milliseconds: 600 }),
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:x:1:queue',
  });

  test('reports finished messages as done, and the rest as failed, before the timeout', async () => {
    lambda = await startLambdaFunction({ ...fileRow, ...second });
    const names = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
    await lambda.api.asked;
    const started = Date.now();
    const outcome = await lambda.api.invoke({ Records: names.map(record) }, 3000);
    expect(Date.now() - started).toBeLessThan(3000);
    const failed = (json(outcome)['batchItemFailures'] as { itemIdentifier: string }[]).map(
      (each) => each.itemIdentifier,
    );
    expect(failed.length).toBeGreaterThan(0);
    expect(failed).toEqual(names.slice(-failed.length));
    expect(failed.length).toBeLessThan(names.length);
    await expect.poll(() => lambda.output().stderr).toContain('SQS message 9 failed: there was no time left for it');
  });

  test('of S3 fails before the time is up', async () => {
    lambda = await startLambdaFunction({
      ...fileRow,
      predict: { path: '/hang', method: 'GET', input: { kind: 'query' } },
    });
    const [first] = fixture('s3-put')['Records'] as object[];
    await lambda.api.asked;
    const outcome = await lambda.api.invoke({ Records: [first, first] }, 1500);
    expect([outcome.kind, json(outcome)['errorType']]).toEqual(['error', 'MODEL_TIMEOUT']);
  });
});

describe('a record of Kinesis', () => {
  test('of bytes is the file, and nothing after a failure is done', async () => {
    lambda = await startLambdaFunction(fileRow);
    const record = (sequenceNumber: string, data: Buffer) => ({
      kinesis: { sequenceNumber, data: data.toString('base64') },
      eventSource: 'aws:kinesis',
    });
    const records = [record('1', Buffer.from([0x89, 0xff])), record('2', Buffer.from('no URL')), record('3', png)];
    expect(json(await lambda.api.invoke({ Records: records }))).toEqual({
      batchItemFailures: [{ itemIdentifier: '2' }, { itemIdentifier: '3' }],
    });
    await expect.poll(() => lambda.output().stderr).toContain('Kinesis record 2 failed: "image_url" is not a URL');
  });
});

test('refuses an envelope that has no input for the model by name, and never calls the model with it', async () => {
  lambda = await startLambdaFunction(jsonRow);
  const outcome = await lambda.api.invoke({ Records: [{ eventSource: 'aws:dynamodb', dynamodb: {} }] });
  expect(json(outcome)).toMatchObject({
    errorType: 'EVENT',
    errorMessage: 'an event of aws:dynamodb has no input for the model',
  });
  expect(lambda.output().stdout).not.toContain('modelMilliseconds');
});

describe('a function that cannot start says so to Lambda and exits', () => {
  test('when the model server fails', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-'));
    await writeFile(join(folder, 'app.mjs'), 'throw new Error("weights.h5 is truncated");');
    const server = { ...fileRow.server, module: join(folder, 'app.mjs') };
    lambda = await startLambdaFunction({ ...fileRow, server });
    const { headers, body } = await lambda.api.initError;
    expect(headers['lambda-runtime-function-error-type']).toBe('Function.ModelStart');
    expect(JSON.parse(body.toString())).toMatchObject({
      errorType: 'MODEL_START',
      errorMessage: expect.stringContaining('weights.h5 is truncated') as string,
    });
    expect(await lambda.exited).toBe(1);
  });

  test.each([
    ['MODELWHISK_LAMBDA_RESPONSE_STREAM', 'yes', /is "yes"; expected "true" or "false"/],
    ['AWS_LAMBDA_MAX_CONCURRENCY', '0', /is "0"; expected a number of events, 1 or more/],
    ['MODELWHISK_LAMBDA_BASE_PATH', 'digits/', /is "digits\/"; expected a path that starts with "\/"/],
    ['MODELWHISK_LAMBDA_ERROR_STATUSES', '5xx', /is "5xx"; expected statuses and ranges of them/],
    ['MODELWHISK_LAMBDA_COMPRESS', 'zstd', /is "zstd"; expected "off" or "gzip" or "br" or/],
    ['MODELWHISK_LAMBDA_COMPRESS_TYPES', 'json', /is "json"; expected media types separated by commas/],
    ['MODELWHISK_LAMBDA_EVENT_PATH', 'events', /is "events"; expected a path that starts with "\/"/],
    ['MODELWHISK_LOGS', 'off', /expected one of the known settings/],
  ])('when %s is %s', async (name, value, message) => {
    lambda = await startLambdaFunction(fileRow, { [name]: value });
    const { body } = await lambda.api.initError;
    expect(JSON.parse(body.toString())).toMatchObject({
      errorType: 'CONFIGURATION',
      errorMessage: expect.stringMatching(message) as string,
    });
    expect(await lambda.exited).toBe(1);
  });
});

describe('the process', () => {
  test('works on one event at a time', async () => {
    lambda = await startLambdaFunction(fileRow);
    await Promise.all(Array.from({ length: 10 }, (_, index) => lambda.api.invoke(get(`/${index}`))));
    expect(lambda.api.mostAtOnce).toBe(1);
  });

  test('works on as many events at once as a Managed Instance says, each answered with its own reply', async () => {
    lambda = await startLambdaFunction(fileRow, {
      AWS_LAMBDA_MAX_CONCURRENCY: '4',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'lambda-managed-instances',
    });
    await lambda.api.asked;
    const hanging = Array.from({ length: 3 }, () => lambda.api.invoke(get('/hang'), 3000));
    const urls = Array.from({ length: 20 }, (_, index) => `/${index}`);
    const replies = await Promise.all(urls.map((url) => lambda.api.invoke(get(url))));
    expect(replies.map((outcome) => replied(outcome)['url'])).toEqual(urls);
    expect(lambda.api.mostAtOnce).toBe(4);
    expect((await Promise.all(hanging)).map((outcome) => json(outcome)['statusCode'])).toEqual([504, 504, 504]);
  });

  test('drains on SIGTERM, which Lambda sends to a function with an extension: the event is answered, exit code 0', async () => {
    const module = join(import.meta.dirname, '../../../contract/servers/express-echo.ts');
    lambda = await startLambdaFunction({ ...fileRow, server: { ...fileRow.server, module } });
    await lambda.api.asked;
    const running = lambda.api.invoke(get('/slow'), 4000);
    await expect.poll(() => lambda.output().stdout).toContain('slow call begun');
    expect(lambda.api.extensions).toEqual(['modelwhisk']);
    const exited = lambda.stop();
    expect(json(await running)).toMatchObject({ statusCode: 504 });
    expect(await exited).toBe(0);
  });

  test('answers an event that has begun to arrive at SIGTERM, and ends with 0', async () => {
    lambda = await startLambdaFunction(fileRow);
    const half = lambda.api.pause();
    // Half of it is more than the sockets hold, so the function has read the first bytes when it is sent.
    const running = lambda.api.invoke({ ...get('/status/201'), padding: 'x'.repeat(6_000_000) });
    const sendRest = await half;
    const exited = lambda.stop();
    await expect.poll(() => lambda.output().stdout).toContain('SIGTERM: no new calls are taken');
    sendRest();
    expect(json(await running)).toMatchObject({ statusCode: 201 });
    expect(await exited).toBe(0);
  });

  test('exits when the Runtime API fails', async () => {
    lambda = await startLambdaFunction(fileRow);
    await lambda.api.invoke(get('/status/200'));
    await lambda.api.close();
    expect(await lambda.exited).toBe(1);
  });

  test('continues when Lambda refuses a late reply', async () => {
    lambda = await startLambdaFunction(fileRow);
    const event = { ...fixture('function-url'), body: '{}', rawPath: '/status/200' };
    lambda.api.forget();
    await lambda.api.invoke(event);
    expect(json(await lambda.api.invoke(get('/status/201')))).toMatchObject({ statusCode: 201 });
    await expect.poll(() => lambda.output().stderr).toContain('the Runtime API answered 403 to the response');
  });

  test('writes one JSON line for each call, with the request id and no secret', async () => {
    lambda = await startLambdaFunction(fileRow);
    await lambda.api.invoke(get('/x', 'token=hush'));
    const [, line = ''] = lambda.output().stdout.split('\n');
    expect(JSON.parse(line)).toMatchObject({
      activationId: '8476a536-e9f4-11e8-9739-000000000001',
      method: 'GET',
      path: '/x',
      status: 200,
    });
    expect(line).not.toContain('hush');
  });

  test('needs no home, no writable folder but /tmp and no known user', async () => {
    lambda = await startLambdaFunction(fileRow, { HOME: '/nowhere' }, { uid: 54_321, gid: 54_321 });
    expect(json(await lambda.api.invoke(get('/status/200')))).toMatchObject({ statusCode: 200 });
  });
});
