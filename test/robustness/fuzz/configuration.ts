import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { readConfiguration } from '../../../adapter/settings/settings.ts';
import { parseFetchPolicy } from '../../../adapter/fetch/policy.ts';
import { ConfigurationError, ModelwhiskError } from '../../../core/errors.ts';
import { runtimeRow } from '../../../core/row.ts';
import { loadCatalogue, parseRow } from '../../../image/catalogue/catalogue.ts';
import { wrapConfig } from '../../../image/engines/wrap-config.ts';
import { guessRow } from '../../../image/catalogue/guess.ts';
import { parsePredict, parseReady } from '../../../image/catalogue/route-flags.ts';
import { changed, deepJson, json, jsonText, mutated, names } from './arbitraries.ts';
import { campaign, type Campaign } from './campaign.ts';

const rows = loadCatalogue(join(import.meta.dirname, '../../../models.json'));

/** A row of the catalogue with one member replaced, added or removed. */
const changedRows = changed(fc.constantFrom(...rows));

const catalogues = fc.subarray([...rows], { maxLength: 3 }).map((models) => ({ models }));

const words = fc.option(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 }));
const imageConfigs = fc.record(
  {
    Env: fc.option(
      fc.array(
        fc.oneof(
          fc.string(),
          fc.tuple(names, fc.string()).map(([name, text]) => `${name}=${text}`),
        ),
      ),
    ),
    Entrypoint: words,
    Cmd: words,
    ExposedPorts: fc.option(
      fc.dictionary(fc.oneof(names, fc.constantFrom('5000/tcp', '99999/tcp', '80/udp')), fc.constant({})),
    ),
    Labels: fc.option(fc.dictionary(names, fc.string())),
  },
  { requiredKeys: [] },
);

const settings = fc.dictionary(
  fc.constantFrom(
    'MODELWHISK_MODEL', 'MODELWHISK_BASE', 'MODELWHISK_PLATFORM', 'MODELWHISK_PORT', 'MODELWHISK_LOG', 'MODELWHISK_CORS',
    'MODELWHISK_DEADLINE_MARGIN', 'MODELWHISK_DRAIN_TIMEOUT', 'MODELWHISK_FETCH_ALLOW_HOSTS',
    'MODELWHISK_FETCH_MAX_BYTES', 'MODELWHISK_FETCH_TIMEOUT', 'MODELWHISK___proto__', '__proto__',
  ), // prettier-ignore
  fc.oneof(
    json.map((value) => JSON.stringify(value)),
    changedRows.map((row) => JSON.stringify(row)),
    fc.string(),
    fc.constantFrom('8080', '0', 'json', 'off', 'model', 'openwhisk', '{"entrypoint":[],"command":null}', '[::1]:80,a'),
  ),
);

/** Rows, settings and image configurations, from files, flags and images. */
export const configurationCampaigns: readonly Campaign[] = [
  campaign(
    'a row of models.json is refused by key and expectation, or reaches the adapter as it stands',
    () => ({
      inputs: fc.tuple(changedRows, imageConfigs),
      async check([candidate, config]) {
        const row = acceptedOr(ConfigurationError, () => parseRow(candidate, 'row'));
        if (row === undefined) return;
        assert.deepEqual(parseRow(JSON.parse(JSON.stringify(row)), 'row'), row);
        const wrapped = acceptedOr(ModelwhiskError, () => wrapConfig({ name: 'x', digest: undefined, config }, row));
        if (wrapped === undefined) return;
        const environment = Object.fromEntries((wrapped.Env ?? []).map(splitVariable));
        const { row: model } = await readConfiguration(onlyOurs(environment));
        assert.deepEqual(model, parseRow(runtimeRow(row), 'row'));
      },
    }),
    1000,
  ),
  campaign(
    'a models.json of any content is refused by file and reason, or its rows are those of the file',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-fuzz-models-'));
      const path = join(folder, 'models.json');
      return {
        inputs: fc.oneof(
          mutated(catalogues.map((value) => JSON.stringify(value))),
          changed(catalogues).map((value) => Buffer.from(JSON.stringify(value))),
          jsonText.map((text) => Buffer.from(text)),
          deepJson.map((text) => Buffer.from(`{"models":${text}}`)),
          fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        ),
        check(content) {
          writeFileSync(path, content);
          const found = acceptedOr(ConfigurationError, () => loadCatalogue(path));
          if (found === undefined) return;
          const { models } = JSON.parse(content.toString()) as { models: { name: string }[] };
          assert.deepEqual(
            found.map(({ name }) => name),
            models.map(({ name }) => name),
          );
        },
        close: async () => rm(folder, { recursive: true }),
      };
    },
    300,
  ),
  campaign(
    "the adapter's settings are refused by name and expectation, or taken",
    () => ({
      inputs: settings,
      async check(environment) {
        const [reading] = await Promise.allSettled([readConfiguration(environment)]);
        const configuration = acceptedOr(ConfigurationError, () => {
          if (reading.status === 'rejected') throw reading.reason;
          return reading.value;
        });
        if (configuration !== undefined) assert.ok(Object.isFrozen(configuration.row.predict));
        acceptedOr(ConfigurationError, () => parseFetchPolicy(environment));
      },
    }),
    1000,
  ),
  campaign(
    'a row guessed from an image is one that the catalogue would take, or a flag is asked for',
    () => ({
      inputs: fc.record(
        {
          image: fc.oneof(fc.string(), fc.constantFrom('a/b:1', 'ollama/ollama')),
          config: fc.oneof(imageConfigs, json),
          ready: fc.string(),
          predict: fc.string(),
        },
        { requiredKeys: ['image', 'config'] },
      ),
      check({ image, config, ...flags }) {
        const ready = acceptedOr(ConfigurationError, () => parseReady(flags.ready ?? 'port'));
        const predict = acceptedOr(ConfigurationError, () => parsePredict(flags.predict ?? '/'));
        const request = { image, config, ready, predict, catalogue: rows };
        const guess = acceptedOr(ConfigurationError, () => guessRow(request));
        if (guess !== undefined) assert.deepEqual(parseRow(guess.row, 'row'), guess.row);
      },
    }),
    300,
  ),
];

/** The result of `work`. Undefined if it was refused with one of our own errors. */
export function acceptedOr<Value>(
  refusal: new (...parameters: never[]) => ModelwhiskError,
  work: () => Value,
): Value | undefined {
  try {
    return work();
  } catch (error) {
    assert.ok(error instanceof refusal, error as Error);
    assert.match(error.message, /\S/);
    return undefined;
  }
}

function splitVariable(variable: string): [name: string, value: string] {
  const end = variable.indexOf('=');
  return [variable.slice(0, end), variable.slice(end + 1)];
}

/** Drops variables of a base image that look like ours, which the adapter may refuse. */
function onlyOurs(environment: Readonly<Record<string, string>>): Record<string, string> {
  const { MODELWHISK_MODEL = '', MODELWHISK_BASE = '', MODELWHISK_CHECKSUM = '' } = environment;
  return { MODELWHISK_MODEL, MODELWHISK_BASE, MODELWHISK_CHECKSUM };
}
