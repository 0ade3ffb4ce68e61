import { expect, test } from 'vitest';
import { freePort } from '../../../support/free-port.ts';
import { startLambdaFunction } from './start-lambda.ts';

// Lambda waits ten seconds for a start, so the adapter takes calls before that.
test('a model server that fails to start after calls are taken: callers get 502, and the log has the reason', async () => {
  const program = "setTimeout(() => { console.error('no such file: weights.bin'); process.exit(7); }, 11_000)";
  const server = { kind: 'http', port: await freePort() };
  const predict = { path: '/predict', input: { kind: 'json' } };
  const command = { entrypoint: [process.execPath, '-e', program], command: null, environment: {} };
  const lambda = await startLambdaFunction(
    { name: 'm', title: 'M', image: 'me/m', server, predict },
    { MODELWHISK_BASE: JSON.stringify(command) },
  );
  const requestContext = { http: { method: 'GET' }, stage: '$default' };
  const event = { version: '2.0', rawPath: '/x', rawQueryString: '', headers: {}, requestContext };
  const { body } = await lambda.api.invoke(event);
  const reply = JSON.parse(body.toString()) as { statusCode: number; body: string };
  expect([reply.statusCode, reply.body]).toEqual([502, expect.stringContaining('exited with code 7')]);
  expect(reply.body).not.toContain('weights.bin');
  const { stderr } = lambda.output();
  expect(stderr).toMatch(
    /modelwhisk: the model server exited with code 7 before it was ready[^]*no such file: weights/,
  );
  await lambda.stop();
}, 60_000);
