import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseFetchPolicy } from '../../../adapter/fetch/policy.ts';
import { readAzureSettings } from '../../../adapter/platforms/azure/settings.ts';
import { readHttpSettings } from '../../../adapter/platforms/http/settings.ts';
import { readLambdaSettings } from '../../../adapter/platforms/lambda/settings.ts';
import { readSageMakerSettings } from '../../../adapter/platforms/sagemaker/settings.ts';
import { readVertexSettings } from '../../../adapter/platforms/vertex/settings.ts';
import { knownSettings } from '../../../adapter/settings/known.ts';
import { readConfiguration } from '../../../adapter/settings/settings.ts';
import type { Environment } from '../../../core/settings.ts';

const adapter = join(import.meta.dirname, '../../../adapter');
const settings = knownSettings.flatMap((group) => group.settings);

const minimal = {
  MODELWHISK_MODEL: JSON.stringify({
    name: 'echo',
    title: 'Echo',
    image: 'me/echo',
    server: { kind: 'express', module: 'app.js' },
    predict: { input: { kind: 'json' } },
    archive: { url: 'https://example.com/model.tar', sha256: '0'.repeat(64) },
  }),
  AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001',
};

/** All settings read from the environment, as text. */
async function readAll(environment: Environment): Promise<string> {
  const own = await readConfiguration({ MODELWHISK_PLATFORM: 'openwhisk', ...environment });
  const readers = [
    parseFetchPolicy,
    readAzureSettings,
    readHttpSettings,
    readLambdaSettings,
    readSageMakerSettings,
    readVertexSettings,
  ];
  return JSON.stringify([own, ...readers.map((read) => read(environment))]);
}

describe('a setting that is described', () => {
  test.each(settings.filter((setting) => setting.default !== undefined))(
    '$name: to set it to its default, $default, is to leave it out',
    async ({ name, default: value }) => {
      expect(await readAll({ ...minimal, [name]: value })).toBe(await readAll(minimal));
    },
  );

  test.each(settings)('$name has either a default or a text about what applies otherwise', (setting) => {
    expect([setting.default, setting.otherwise].filter((each) => each !== undefined)).toHaveLength(1);
  });

  test.each(settings)('$name is read somewhere', ({ name }) => {
    const readers = readdirSync(adapter, { recursive: true })
      .map(String)
      .filter((file) => file.endsWith('.ts') && !/platform\.ts$|known\.ts$/.test(file))
      .filter((file) => readFileSync(join(adapter, file), 'utf8').includes(name));
    expect(readers).not.toEqual([]);
  });
});

test('a setting that is not described is refused, with all that are', async () => {
  await expect(readConfiguration({ ...minimal, MODELWHISK_LOGS: 'off' })).rejects.toThrow(
    `MODELWHISK_LOGS is "off"; expected one of the known settings: ${settings.map(({ name }) => name).join(', ')}`,
  );
});
