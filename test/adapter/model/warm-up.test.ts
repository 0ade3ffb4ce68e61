import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { kinds, serverSetting, type Kind } from '../../robustness/support/rows.ts';
import { type ChildProcess, spawnAdapter } from '../adapter-process.ts';
import { eventually } from '../../support/eventually.ts';
import { sendHttp } from '../http-client.ts';
import { startOnPort } from '../platforms/http/start.ts';

let adapter: ChildProcess;
afterEach(() => adapter.stop());

/** The paths of the calls that the model server got, in their order. */
async function callsOf(kind: Kind, row: object, settings: Readonly<Record<string, string>>): Promise<string> {
  const setting = await serverSetting(kind, 'recorder.mjs');
  const started = await startOnPort({ ...setting.row, ...row }, { ...setting.environment, ...settings });
  ({ adapter } = started);
  const request = { method: 'GET', path: '/process', query: '', headers: [], body: Buffer.alloc(0) };
  expect((await sendHttp(started.port, request)).status).toBe(200);
  // The line of a call follows its reply.
  return eventually(
    'the log has the call',
    () => adapter.output().stdout,
    (log) => log.includes('"path":"/process"'),
  );
}

describe.each(kinds)('a warm-up of a model server of kind %s', (kind) => {
  test.each([
    ['the row', { warmUp: { method: 'POST', path: '/process?warm=1', json: { x: 1 } } }, {}],
    ['the setting', {}, { MODELWHISK_WARM_UP: 'POST /process?warm=1 {"x":1}' }],
    [
      'the setting, which goes before the row',
      { warmUp: { path: '/other' } },
      { MODELWHISK_WARM_UP: 'POST /process?warm=1' },
    ],
  ])('is sent before the port opens, as %s names it', async (_title, row, settings) => {
    const log = await callsOf(kind, row, settings);
    expect(log).toMatch(/^modelwhisk: the warm-up POST \/process\?warm=1 was answered with \d+ in \d+ ms$/m);
    expect(log.indexOf('the warm-up')).toBeLessThan(log.indexOf('"path":"/process"'));
  });

  test('is left out where the setting says so', async () => {
    const log = await callsOf(kind, { warmUp: { path: '/process' } }, { MODELWHISK_WARM_UP: 'off' });
    expect(log).not.toContain('the warm-up');
  });
});

test.each(['/predict', 'POST predict', 'POST /predict {', 'DELETE /x'])('%s is refused at the start', async (value) => {
  const module = join(import.meta.dirname, '../echo-app.ts');
  const row = {
    name: 'echo',
    title: 'Echo',
    image: 'me/echo',
    server: { kind: 'express', module },
    predict: { input: { kind: 'json' } },
  };
  adapter = await spawnAdapter(row, { MODELWHISK_WARM_UP: value });
  expect(await adapter.exited).toBe(1);
  expect(adapter.output().stderr).toMatch(/MODELWHISK_WARM_UP is ".*"; expected "off", or a method, a path/);
});
