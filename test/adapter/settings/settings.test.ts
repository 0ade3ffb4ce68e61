import { describe, expect, test } from 'vitest';
import { readConfiguration } from '../../../adapter/settings/settings.ts';
import { checksum } from '../../../core/checksum.ts';

const row = {
  name: 'echo',
  title: 'Echo',
  image: 'me/echo',
  server: { kind: 'express', module: 'app.js' },
  predict: { input: { kind: 'json' } },
};
const minimal = { MODELWHISK_MODEL: JSON.stringify(row) };

describe('readConfiguration', () => {
  test('fills in the defaults and freezes the result', async () => {
    const configuration = await readConfiguration({ ...minimal, PATH: '/bin', __OW_API_HOST: 'x' });
    expect(configuration).toMatchObject({
      row: { name: 'echo', predict: { method: 'POST', path: '/model/predict' }, server: { export: 'app' } },
      base: { entrypoint: null, command: null, environment: {} },
      platform: { name: 'openwhisk' },
      port: 8080,
      log: 'json',
      cors: 'platform',
      deadlineMargin: 500,
      drainTimeout: undefined,
    });
    expect(Object.isFrozen(configuration)).toBe(true);
  });

  test("reads the base image's own start", async () => {
    const base = {
      entrypoint: null,
      command: ['/bin/sh', '-c', 'python app.py'],
      environment: { LD_PRELOAD: '/x.so' },
    };
    expect((await readConfiguration({ ...minimal, MODELWHISK_BASE: JSON.stringify(base) })).base).toEqual(base);
  });

  test('checks a row that differs from the one that MODELWHISK_CHECKSUM was made of', async () => {
    const base = JSON.stringify({ entrypoint: null, command: null, environment: {} });
    const MODELWHISK_CHECKSUM = checksum(minimal.MODELWHISK_MODEL, base);
    const edited = JSON.stringify({ ...row, colour: 'red' });
    const read = (MODELWHISK_MODEL: string) =>
      readConfiguration({ MODELWHISK_MODEL, MODELWHISK_BASE: base, MODELWHISK_CHECKSUM });
    expect((await read(minimal.MODELWHISK_MODEL)).row).toEqual(row);
    await expect(read(edited)).rejects.toThrow(/^MODELWHISK_MODEL key colour is "red"/);
  });

  test.each([
    [{}, /^MODELWHISK_MODEL is not set; expected the model's catalogue row as JSON/],
    [{ MODELWHISK_MODEL: '{' }, /^MODELWHISK_MODEL is "{"; expected the model's catalogue row/],
    [
      { MODELWHISK_MODEL: JSON.stringify({ ...row, server: { kind: 'ftp' } }) },
      /^MODELWHISK_MODEL key server\.kind is "ftp"; expected "express" or "http"/,
    ],
    [
      { MODELWHISK_MODEL: JSON.stringify({ ...row, colour: 'red' }) },
      /^MODELWHISK_MODEL key colour is "red"; expected no such key, but name, /,
    ],
    [
      { ...minimal, MODELWHISK_ADDRESS: 'localhost' },
      /^MODELWHISK_ADDRESS is "localhost"; expected an IP address, for example 127.0.0.1$/,
    ],
    [{ ...minimal, MODELWHISK_PORT: '80a' }, /^MODELWHISK_PORT is "80a"; expected a TCP port$/],
    [{ ...minimal, MODELWHISK_PORT: '65536' }, /^MODELWHISK_PORT is "65536"; expected a TCP port$/],
    [{ ...minimal, MODELWHISK_LOG: 'yes' }, /^MODELWHISK_LOG is "yes"; expected .*"json".*"off"/],
    [{ ...minimal, MODELWHISK_CORS: '' }, /^MODELWHISK_CORS is ""; expected .*"platform".*"model"/],
    [{ ...minimal, MODELWHISK_PLATFORM: 'lambada' }, /^MODELWHISK_PLATFORM is "lambada"; expected .*"openwhisk"/],
    [
      { ...minimal, MODELWHISK_DEADLINE_MARGIN: '1s' },
      /^MODELWHISK_DEADLINE_MARGIN is "1s"; expected whole milliseconds$/,
    ],
    [{ ...minimal, MODELWHISK_BASE: '[]' }, /^MODELWHISK_BASE is \[\]; expected an object$/],
    [
      { ...minimal, MODELWHISK_PROT: '8080' },
      /^MODELWHISK_PROT is "8080"; expected one of the known settings: MODELWHISK_LOG, /,
    ],
  ])('refuses %j by name, value and expectation', async (environment, message) => {
    await expect(readConfiguration(environment)).rejects.toThrow(
      expect.objectContaining({
        name: 'ConfigurationError',
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
  });
});
