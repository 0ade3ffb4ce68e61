import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Header } from '../../../../adapter/http/message.ts';
import { fileRow, fixture } from './fixtures.ts';
import { functionUrl } from './front-ends.ts';
import type { Outcome } from './runtime-api.ts';
import { startLambdaFunction, type LambdaFunction } from './start-lambda.ts';
import type { Echo } from '../../echo-server.ts';

let lambda: LambdaFunction;
afterEach(() => lambda.stop());

function json({ body }: Outcome): Record<string, unknown> {
  return JSON.parse(body.toString()) as Record<string, unknown>;
}

function get(path: string, query = '', headers: readonly Header[] = []): Record<string, unknown> {
  const request = { method: 'GET', path, query, headers, body: Buffer.alloc(0), timeLimit: 0 };
  return { ...functionUrl.event(request) };
}

/** The headers that reached the model server, by their names. */
function received(outcome: Outcome): Readonly<Record<string, string | undefined>> {
  const { headers } = JSON.parse(String(json(outcome)['body'])) as Echo;
  return Object.fromEntries(
    headers.flatMap((name, index) => (index % 2 ? [] : [[name.toLowerCase(), headers[index + 1]]])),
  );
}

describe('information of Lambda and the service in front about a call', () => {
  const authorizer = { lambda: { tenant: 'é' }, iam: null };

  test('reaches the model server as headers with JSON', async () => {
    lambda = await startLambdaFunction(fileRow);
    const event = get('/x');
    const requestContext = { ...(event['requestContext'] as object), authorizer };
    const headers = received(
      await lambda.api.invoke({ ...event, requestContext }, 30_000, { 'Lambda-Runtime-Aws-Tenant-Id': 'blue' }),
    );
    expect(JSON.parse(headers['x-amzn-request-context'] ?? '')).toEqual(requestContext);
    expect(JSON.parse(headers['x-amzn-request-authorizer'] ?? '')).toEqual(authorizer);
    expect(headers['x-amz-tenant-id']).toBe('blue');
    expect(JSON.parse(headers['x-amzn-lambda-context'] ?? '')).toMatchObject({
      request_id: '8476a536-e9f4-11e8-9739-000000000001',
      invoked_function_arn: 'arn:aws:lambda:us-east-1:123456789012:function:model',
      tenant_id: 'blue',
      deadline: expect.any(Number) as number,
    });
  });

  const forged = ['X-Amzn-Request-Context', 'x-amzn-request-authorizer', 'X-Amz-Tenant-Id', 'X-Amzn-Lambda-Context'];
  test.each(['true', 'false'])(
    'is never taken from the caller (MODELWHISK_LAMBDA_CONTEXT_HEADERS=%s)',
    async (value) => {
      lambda = await startLambdaFunction(fileRow, { MODELWHISK_LAMBDA_CONTEXT_HEADERS: value });
      const event = get(
        '/x',
        '',
        forged.map((name): Header => [name, 'forged']),
      );
      const headers = received(await lambda.api.invoke(event));
      expect(Object.values(headers)).not.toContain('forged');
      expect('x-amzn-request-context' in headers).toBe(value === 'true');
    },
  );

  test('is left out, with a word in the log, if a header would be too long for a server', async () => {
    lambda = await startLambdaFunction(fileRow);
    const event = get('/x');
    const requestContext = { ...(event['requestContext'] as object), authorizer: { claims: 'x'.repeat(9000) } };
    const headers = received(await lambda.api.invoke({ ...event, requestContext }));
    expect(Object.keys(headers)).not.toContain('x-amzn-request-context');
    expect(lambda.output().stderr).toContain('header x-amzn-request-context is left out');
  });
});

describe('MODELWHISK_LAMBDA_EVENT_PATH', () => {
  const echoRow = { ...fileRow, server: { ...fileRow.server, module: join(import.meta.dirname, '../../echo-app.ts') } };

  test.each(['sqs', 's3-put'] as const)('takes an event of %s as it is, and its JSON is the result', async (name) => {
    lambda = await startLambdaFunction(echoRow, { MODELWHISK_LAMBDA_EVENT_PATH: '/events?from=lambda' });
    const outcome = await lambda.api.invoke(fixture(name));
    const { method, url, body } = json(outcome) as unknown as Echo;
    expect([outcome.kind, method, url]).toEqual(['response', 'POST', '/events?from=lambda']);
    expect(JSON.parse(Buffer.from(body, 'base64').toString())).toEqual(fixture(name));
  });

  test('does not get HTTP events, and a failure of the path fails the invocation', async () => {
    lambda = await startLambdaFunction(echoRow, { MODELWHISK_LAMBDA_EVENT_PATH: '/mirror?status=503' });
    expect(json(await lambda.api.invoke(get('/status/200')))).toMatchObject({ statusCode: 200 });
    const outcome = await lambda.api.invoke({ any: 'event' });
    expect([outcome.kind, json(outcome)['errorType']]).toEqual(['error', 'STATUS_503']);
  });
});

describe('MODELWHISK_LAMBDA_ERROR_STATUSES', () => {
  test.each(['false', 'true'])('statuses in its ranges fail the invocation (streaming: %s)', async (stream) => {
    const settings = { MODELWHISK_LAMBDA_ERROR_STATUSES: '429, 500-503', MODELWHISK_LAMBDA_RESPONSE_STREAM: stream };
    lambda = await startLambdaFunction(fileRow, settings);
    for (const status of [429, 500, 503]) {
      const outcome = await lambda.api.invoke(get(`/status/${status}`));
      expect([outcome.kind, json(outcome)['errorType']]).toEqual(['error', `STATUS_${status}`]);
    }
    for (const status of [400, 504]) {
      const outcome = await lambda.api.invoke(get(`/status/${status}`));
      expect(outcome.kind).toBe('response');
      expect(outcome.body.toString()).toContain(`"statusCode":${status}`);
    }
  });
});

describe('MODELWHISK_LAMBDA_COMPRESS', () => {
  const large = (type: string, accept: string, bytes = 2000) =>
    get('/large', `bytes=${bytes}&type=${type}`, [['accept-encoding', accept]]);
  const reply = async (event: object) =>
    json(await lambda.api.invoke(event)) as unknown as {
      headers: Record<string, string>;
      body: string;
      isBase64Encoded: boolean;
    };

  test('compresses in the first encoding that the caller accepts', async () => {
    lambda = await startLambdaFunction(fileRow, { MODELWHISK_LAMBDA_COMPRESS: 'br,gzip' });
    const decoders = { br: brotliDecompressSync, gzip: gunzipSync };
    for (const [accept, wanted] of [
      ['gzip, br', 'br'],
      ['gzip', 'gzip'],
      ['br;q=0, gzip', 'gzip'],
    ] as const) {
      const { headers, body, isBase64Encoded } = await reply(large('text/plain', accept));
      expect(headers).toMatchObject({ 'content-encoding': wanted, vary: 'Accept-Encoding' });
      expect(isBase64Encoded).toBe(true);
      expect(decoders[wanted](Buffer.from(body, 'base64')).toString()).toBe('a'.repeat(2000));
    }
  });

  test.each([
    ['no encoding is accepted', large('text/plain', 'identity')],
    ['the type is another', large('image/png', 'br')],
    ['the body is short', large('text/plain', 'br', 1023)],
  ])('does not change a reply if %s', async (_title, event) => {
    lambda = await startLambdaFunction(fileRow, { MODELWHISK_LAMBDA_COMPRESS: 'br,gzip' });
    expect((await reply(event)).headers).not.toHaveProperty('content-encoding');
  });

  test('its types and least size are settings, and it is off by default', async () => {
    const compress = { MODELWHISK_LAMBDA_COMPRESS_TYPES: 'image/*', MODELWHISK_LAMBDA_COMPRESS_LEAST_BYTES: '10' };
    lambda = await startLambdaFunction(fileRow, { MODELWHISK_LAMBDA_COMPRESS: 'gzip', ...compress });
    expect((await reply(large('image/png', 'gzip', 10))).headers['content-encoding']).toBe('gzip');
    expect((await reply(large('text/plain', 'gzip'))).headers).not.toHaveProperty('content-encoding');
    await lambda.stop();
    lambda = await startLambdaFunction(fileRow, compress);
    expect((await reply(large('image/png', 'gzip'))).headers).not.toHaveProperty('content-encoding');
  });
});

describe('SnapStart', () => {
  const snapStart = { AWS_LAMBDA_INITIALIZATION_TYPE: 'snap-start' };
  const hooks = { MODELWHISK_LAMBDA_BEFORE_SNAPSHOT: '/before', MODELWHISK_LAMBDA_AFTER_RESTORE: '/after' };

  test('the model server is called before the snapshot and after the restore, and then gets its calls', async () => {
    lambda = await startLambdaFunction(fileRow, { ...snapStart, ...hooks });
    await lambda.api.snapshot;
    // The first line is of the start.
    const paths = (): unknown[] =>
      [...lambda.output().stdout.matchAll(/^\{.*"path":"([^"]*)".*\}$/gm)].map(([, path]) => path);
    await expect.poll(paths).toEqual(['/before']);
    const call = lambda.api.invoke(get('/status/200'));
    lambda.api.restore();
    expect(json(await call)).toMatchObject({ statusCode: 200 });
    expect(paths()).toEqual(['/before', '/after', '/status/200']);
  });

  test('needs no hooks, and says nothing of a start that takes long', async () => {
    lambda = await startLambdaFunction(fileRow, snapStart);
    await lambda.api.snapshot;
    lambda.api.restore();
    expect(json(await lambda.api.invoke(get('/status/200')))).toMatchObject({ statusCode: 200 });
    expect(lambda.output().stdout).not.toContain('still starting');
  });

  test('a hook that fails after the restore is reported, and ends the process', async () => {
    lambda = await startLambdaFunction(fileRow, {
      ...snapStart,
      MODELWHISK_LAMBDA_AFTER_RESTORE: '/mirror?status=500',
    });
    await lambda.api.snapshot;
    lambda.api.restore();
    expect(json(await lambda.api.restoreError)['errorMessage']).toMatch(/called after the restore, answered 500/);
    expect(await lambda.exited).toBe(1);
  });

  test('a hook that fails before the snapshot is a failed start', async () => {
    lambda = await startLambdaFunction(fileRow, {
      ...snapStart,
      MODELWHISK_LAMBDA_BEFORE_SNAPSHOT: '/mirror?status=409',
    });
    expect(json(await lambda.api.initError)['errorMessage']).toMatch(/called before the snapshot, answered 409/);
    expect(await lambda.exited).toBe(1);
  });
});
