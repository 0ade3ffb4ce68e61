import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfiguration } from '../../../core/parse.ts';
import { modelRow, runtimeRow } from '../../../core/row.ts';
import { assertBuildable } from '../../../image/catalogue/check-buildable.ts';
import { findRow, loadCatalogue } from '../../../image/catalogue/catalogue.ts';
import { placeholders } from '../../../image/catalogue/template.ts';
import { schemaPath, schemaText } from '../../../scripts/schema.ts';
import { cataloguePath, filledRows, rows } from '../rows.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'modelwhisk-catalogue-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function fileWith(text: string): string {
  const path = join(folder, 'models.json');
  writeFileSync(path, text);
  return path;
}

const iris = {
  name: 'iris',
  title: 'Iris',
  image: 'me/iris',
  server: { kind: 'http', port: 5000 },
  predict: { input: { kind: 'json' }, parameters: [{ name: 'top', required: true, values: ['1', '3'] }] },
  sample: { json: {}, query: { top: 3 } },
};

describe('models.json', () => {
  test('points to its schema, which is what scripts/schema.ts makes of the zod schema', () => {
    expect(JSON.parse(readFileSync(cataloguePath, 'utf8'))).toHaveProperty('$schema', './models.schema.json');
    expect(readFileSync(schemaPath, 'utf8')).toBe(schemaText());
  });

  test('its schema documents every key', () => {
    expect([...undocumentedKeys(JSON.parse(schemaText()))]).toEqual([]);
  });

  test('is frozen, list and rows', () => {
    expect(Object.isFrozen(rows)).toBe(true);
    expect(rows.every((row) => Object.isFrozen(row.predict.input))).toBe(true);
  });

  test.each(filledRows)('$name can be built, once filled in where it is a template', (row) => {
    expect(() => {
      assertBuildable(row);
    }).not.toThrow();
    expect(placeholders(row)).toEqual([]);
  });

  test.each(rows)('$name says license, memory and a sample call', (row) => {
    expect(row).toMatchObject({ license: expect.any(String), memory: expect.any(Number), sample: expect.any(Object) });
  });

  test.each(filledRows)('$name reaches the adapter with all it needs, in under 2 KB', (row) => {
    const text = JSON.stringify(runtimeRow(row));
    expect(Buffer.byteLength(text)).toBeLessThan(2048);
    const { server, predict } = parseConfiguration(modelRow, JSON.parse(text), 'MODELWHISK_MODEL');
    expect({ server, predict }).toEqual({ server: row.server, predict: row.predict });
  });

  test('contentTypeEnforced is set for the MAX models that check the type of a part', () => {
    const insisting = rows.flatMap(({ name, predict: { input } }) =>
      name.startsWith('max-') && input.kind === 'file' && input.contentTypeEnforced ? [[name, input.contentType]] : [],
    );
    expect(Object.fromEntries(insisting)).toEqual({
      'max-audio-classifier': 'audio/wav',
      'max-audio-embedding-generator': 'audio/wav',
      'max-image-caption-generator': 'image/jpeg',
      'max-image-completer': 'image/jpeg',
    });
  });
});

test('servers that take lists have a batch, and those that batch by themselves say so', () => {
  const batched = filledRows.flatMap(({ name, batch, predict }) =>
    batch === undefined ? [] : [[name, batch.input, batch.elements, batch.path === predict.path]],
  );
  expect(batched).toEqual([
    ['digits', '/instances', 'values', false],
    ['tensorflow-serving-example-model', '/instances', 'values', true],
    ['kserve-example-image', '/instances', 'values', true],
    ['mlserver-example-model', '/inputs', 'tensors', true],
  ]);
  const own = rows.filter(({ note = '' }) => note.includes('Batches calls itself')).map(({ name }) => name);
  expect(own.toSorted()).toEqual([
    'bentoml',
    'litserve',
    'sglang',
    'text-embeddings-inference',
    'text-generation-inference',
    'torchserve',
    'triton',
    'vllm',
  ]);
});

describe('loadCatalogue refuses', () => {
  test.each<[string, string, string]>([
    ['what is not JSON', '{', 'a readable JSON file'],
    ['a list in place of the object', '[]', 'models.json is []; expected an object'],
    [
      'a row without a name by its index',
      '{"models":[{}]}',
      'models.json row 0 key name is not set; expected a string',
    ],
    [
      'a bad key by row',
      JSON.stringify({ models: [{ ...iris, memory: '1 GB' }] }),
      'models.json row iris key memory is "1 GB"; expected a number',
    ],
    [
      'an unknown key, rather than the one that is missing, with the key that was probably meant',
      JSON.stringify({ models: [{ ...iris, server: { kind: 'http', prot: 5000 } }] }),
      'models.json row iris key server.prot is 5000; expected no such key: did you mean port?',
    ],
    [
      'an unknown key that is like no other, with those that are known',
      JSON.stringify({ models: [{ ...iris, predict: { input: { kind: 'file', zzzzzzzz: 1 } } }] }),
      'models.json row iris key predict.input.zzzzzzzz is 1; expected no such key, but kind, field, filename, ',
    ],
    [
      'an unknown key beside the rows',
      JSON.stringify({ modles: [iris] }),
      'expected no such key: did you mean models?',
    ],
    [
      'the old and the new name of a key',
      JSON.stringify({ models: [{ ...iris, licence: 'MIT', license: 'MIT' }] }),
      'models.json row iris key licence is "MIT"; expected no such key: did you mean license?',
    ],
    [
      'duplicates',
      JSON.stringify({ models: [iris, iris] }),
      'models.json row iris key name is "iris"; expected a name that no other row has',
    ],
    [
      'a file as sample of a JSON model',
      JSON.stringify({ models: [{ ...iris, sample: { file: 'x.png' } }] }),
      'models.json row iris key sample.file is "x.png"; expected no file',
    ],
    [
      'a JSON model without a JSON sample',
      JSON.stringify({ models: [{ ...iris, sample: {} }] }),
      'models.json row iris key sample.json is not set; expected a JSON body',
    ],
    [
      'a sample without a required parameter',
      JSON.stringify({ models: [{ ...iris, sample: { json: {} } }] }),
      'models.json row iris key sample.query.top is not set; expected 1 or 3',
    ],
    [
      'a sample with a value the model refuses',
      JSON.stringify({ models: [{ ...iris, sample: { json: {}, query: { top: 2 } } }] }),
      'models.json row iris key sample.query.top is 2; expected 1 or 3',
    ],
    [
      'a sample with an unknown parameter',
      JSON.stringify({ models: [{ ...iris, sample: { json: {}, query: { top: 1, x: 2 } } }] }),
      'models.json row iris key sample.query.x is 2; expected a name of predict.parameters',
    ],
  ])('%s', (_case, text, message) => {
    const path = fileWith(text);
    expect(() => loadCatalogue(path)).toThrow(
      expect.objectContaining({ name: 'ConfigurationError', message: expect.stringContaining(message) }),
    );
  });

  test('what is not JSON in one line, whatever it quotes', () => {
    const path = fileWith('// mine\n{"models": []}');
    expect(() => loadCatalogue(path)).toThrow(/^catalogue is .*readable JSON file \(.*JSON\)$/);
  });

  test('a missing file', () => {
    const path = join(folder, 'missing.json');
    expect(() => loadCatalogue(path)).toThrow(/catalogue is ".*missing\.json"; expected a readable JSON file/);
  });
});

test('a catalogue that begins with a byte order mark is read', () => {
  expect(loadCatalogue(fileWith(`\uFEFF${JSON.stringify({ models: [iris] })}`))).toHaveLength(1);
});

test('licence, as license was called before, is taken with a warning', () => {
  const warnings: string[] = [];
  const path = fileWith(JSON.stringify({ models: [{ ...iris, licence: 'MIT' }] }));
  const [row] = loadCatalogue(path, ['iris'], (message) => warnings.push(message));
  expect(row).toMatchObject({ name: 'iris', license: 'MIT' });
  expect(warnings).toEqual(['models.json row iris key licence is called license now']);
});

describe('loadCatalogue with names', () => {
  const path = (): string => fileWith(JSON.stringify({ models: [iris, { ...iris, name: 'broken', memory: '1 GB' }] }));

  test('reads only the rows of these names', () => {
    expect(loadCatalogue(path(), ['iris']).map(({ name }) => name)).toEqual(['iris']);
    expect(loadCatalogue(cataloguePath, ['max-ocr', 'digits']).map(({ name }) => name)).toEqual(['digits', 'max-ocr']);
  });

  test('reads every row for "all", and for a missing name, to suggest similar names', () => {
    expect(loadCatalogue(cataloguePath, ['all'])).toEqual(rows);
    expect(loadCatalogue(cataloguePath, ['digits', 'ocr'])).toEqual(rows);
  });

  test.each([['broken'], ['all'], ['nothing']])('refuses a bad row that %s makes it read', (name) => {
    expect(() => loadCatalogue(path(), ['iris', name])).toThrow('row broken key memory is "1 GB"');
  });
});

describe('findRow', () => {
  test('returns the row of the name', () => {
    expect(findRow(rows, 'max-ocr').title).toBe('OCR');
  });

  test.each([
    ['ocr', 'did you mean max-ocr? the command list shows them all'],
    ['max-ocrr', 'did you mean max-ocr? the command list shows them all'],
    [
      'max-facial-age',
      'did you mean max-facial-age-estimator or max-facial-age-estimator-first-release? the command list shows them all',
    ],
    ['nothing-like-it', 'the command list shows them all'],
  ])('suggests names similar to %s', (name, hint) => {
    const message = `no model "${name}" in the catalogue`;
    expect(() => findRow(rows, name)).toThrow(expect.objectContaining({ code: 'NO_MODEL', message, hint }));
  });
});

describe('assertBuildable refuses', () => {
  test('a template, naming what fills it in', () => {
    expect(() => {
      assertBuildable(findRow(rows, 'bentoml'));
    }).toThrow('row bentoml is "a template"; expected --set image=VALUE --set method=VALUE to fill it in');
  });

  test("a model server on the adapter's own port, with the way out", () => {
    const row = parseConfiguration(modelRow, { ...iris, server: { kind: 'http', port: 8080 } }, 'row');
    expect(() => {
      assertBuildable(row);
    }).toThrow(expect.objectContaining({ code: 'PORT_CLASH', hint: expect.stringContaining('--port 8090') }));
  });
});

/** Paths of the properties of a JSON schema without a description, except the constants that distinguish variants. */
function* undocumentedKeys(schema: unknown, path = ''): Generator<string> {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') {
      for (const [name, property] of Object.entries(value as object)) {
        if (!Object.hasOwn(property as object, 'description')) yield `${path}.${name}`;
      }
    }
    yield* undocumentedKeys(value, `${path}.${key}`);
  }
}
