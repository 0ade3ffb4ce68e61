import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { platforms } from '../../adapter/platforms/platforms.ts';
import { freePort } from '../support/free-port.ts';
import { eventually } from '../support/eventually.ts';
import { kinds, serverSetting } from '../robustness/support/rows.ts';
import { spawnAdapter } from './adapter-process.ts';

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  readonly version: string;
};

/** Enough for every platform to read its settings. The Lambda Runtime API is not there, so that one ends afterwards. */
const variables = { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9', AIP_HTTP_PORT: '8080' };

const cases = platforms.flatMap(({ name }) => kinds.map((kind) => [name, kind] as const));

test.each(cases)('the first log line tells the version on %s with %s', async (platform, kind) => {
  const { row, environment } = await serverSetting(kind, 'faulty.mjs');
  const port = String(await freePort());
  const adapter = await spawnAdapter(row, {
    ...environment,
    ...variables,
    MODELWHISK_PLATFORM: platform,
    MODELWHISK_PORT: port,
  });
  try {
    const first = await eventually('a line is logged', async () => adapter.output().stdout.split('\n'), hasLine, 30);
    expect(JSON.parse(first[0] ?? '')).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      message: 'modelwhisk starts',
      version,
      platform,
      model: (row as { readonly name: string }).name,
    });
  } finally {
    await adapter.stop('SIGKILL');
  }
});

function hasLine(lines: readonly string[]): boolean {
  return lines.length > 1;
}
