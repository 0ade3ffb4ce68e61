import { expect, test } from 'vitest';
import { png } from '../../../contract/bodies.ts';
import { account, startS3Server } from '../../../support/s3-server.ts';
import { fileRow, fixture } from './fixtures.ts';
import type { Outcome } from './runtime-api.ts';
import { startLambdaFunction } from './start-lambda.ts';

test('an event of S3 fetches the object; an object that cannot be read fails the invocation', async () => {
  const store = await startS3Server('amzn-s3-demo-bucket');
  await store.put('amzn-s3-demo-bucket', 'uploads/a b+cé&.png', png, 'image/png');
  const lambda = await startLambdaFunction(fileRow, {
    AWS_ENDPOINT_URL_S3: store.endpoint,
    AWS_ACCESS_KEY_ID: account.accessKeyId,
    AWS_SECRET_ACCESS_KEY: account.secretAccessKey,
  });
  const [first] = json(await lambda.api.invoke(fixture('s3-put'))) as [{ result: { body: string } }];
  expect(Buffer.from(first.result.body, 'base64').includes(png)).toBe(true);

  await store.close();
  const failed = await lambda.api.invoke(fixture('s3-put'));
  expect([failed.kind, json(failed)]).toEqual([
    'error',
    expect.objectContaining({
      errorType: 'INPUT',
      errorMessage: 's3://amzn-s3-demo-bucket/uploads/a b+cé&.png could not be fetched: ECONNREFUSED',
    }),
  ]);
  await lambda.stop();
});

function json({ body }: Outcome): unknown {
  return JSON.parse(body.toString());
}
