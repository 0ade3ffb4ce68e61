import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { png } from '../../../contract/bodies.ts';
import { lacks } from '../../../support/requirements.ts';
import { fileRow, fixture } from './fixtures.ts';
import { startEmulator, type Emulator } from './rie.ts';

describe.skipIf(lacks('aws-lambda-rie'))("under AWS's Runtime Interface Emulator", () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator({ ...fileRow, predict: { ...fileRow.predict, path: '/seen' } });
  });
  afterAll(() => emulator.stop());

  test('a PNG in an event of an HTTP API reaches the model server byte for byte', async () => {
    const reply = (await emulator.invoke({ ...fixture('http-api'), rawPath: '/prod' })) as Record<string, unknown>;
    const seen = JSON.parse(String(reply['body'])) as Record<string, unknown>;
    expect(reply).toMatchObject({ statusCode: 200, isBase64Encoded: false });
    expect([seen['url'], seen['body']]).toEqual(['/seen?tag=value1&tag=value2&threshold=0.5', png.toString('base64')]);
  });

  test('a direct invocation that the model refuses is a function error', async () => {
    expect(await emulator.invoke({})).toMatchObject({ errorType: 'INPUT', errorMessage: 'the input file is missing' });
  });
});
