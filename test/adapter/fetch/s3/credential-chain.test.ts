import { expect, test } from 'vitest';
import { credentialChain } from '../../../../adapter/fetch/s3/credential-chain.ts';
import { startClosingServer } from '../../../support/closing-server.ts';
import { lending, startTokenService } from '../token-service.ts';

const account = { accessKeyId: 'id', secretAccessKey: 'key' };

test('calls at the same time ask for temporary credentials once', async () => {
  const tokens = await startTokenService(200, lending(account));
  const find = credentialChain({ ...tokens.environment, AWS_SHARED_CREDENTIALS_FILE: '/dev/null' });
  const found = await Promise.all(Array.from({ length: 10 }, find));
  expect(found).toEqual(Array.from({ length: 10 }, () => ({ ...account, sessionToken: 'token' })));
  expect(tokens.asked).toHaveLength(1);
  tokens.close();
});

test('after a failure they are asked for again', async () => {
  const tokens = await startTokenService(500, '');
  const find = credentialChain({ ...tokens.environment, AWS_SHARED_CREDENTIALS_FILE: '/dev/null' });
  await expect(find()).rejects.toMatchObject({ code: 'INPUT', status: 502 });
  await expect(find()).rejects.toMatchObject({ code: 'INPUT', status: 502 });
  expect(tokens.asked).toHaveLength(2);
  tokens.close();
});

test('a connection that is closed without a reply is an error at once', { timeout: 4000 }, async () => {
  const server = await startClosingServer();
  const url = `http://127.0.0.1:${server.port}/`;
  const find = credentialChain({ AWS_CONTAINER_CREDENTIALS_FULL_URI: url, AWS_SHARED_CREDENTIALS_FILE: '/dev/null' });
  await expect(find()).rejects.toMatchObject({
    code: 'INPUT',
    message: expect.stringMatching(/the container's credentials endpoint gave no credentials: .*(ECONNRESET|hang up)/),
  });
  server.close();
});
