import { describe, expect, test } from 'vitest';
import { findRow } from '../../image/catalogue/catalogue.ts';
import { listModels, showModel } from '../../cli/list.ts';
import { rows } from '../image/rows.ts';

describe('listModels', () => {
  test('shows a line per row under one heading, with columns that line up', () => {
    const [heading = '', ...lines] = listModels(rows).split('\n');
    expect(heading).toMatch(/^NAME +INPUT +OUTPUT +PORT +MEMORY +TITLE$/);
    expect(lines).toHaveLength(rows.length);
    const column = heading.indexOf('MEMORY');
    expect(lines.every((line) => /^\d+ MB /.test(line.slice(column)))).toBe(true);
  });

  test('marks templates', () => {
    expect(listModels(rows)).toContain('TorchServe (template)');
  });

  test.each([40, 60, 80, 100, 120])('fits a terminal of %i columns, and drops what matters least', (columns) => {
    const lines = listModels(rows, { columns }).split('\n');
    expect(lines).toHaveLength(rows.length + 1);
    const widest = Math.max(...lines.map((line) => line.length));
    expect(widest).toBeLessThanOrEqual(Math.max(columns, 53));
    expect(lines[0]).toMatch(/^NAME .*TITLE$/);
    for (const { name } of rows) expect(lines.some((line) => line.startsWith(`${name} `))).toBe(true);
  });

  test('shows everything without a terminal', () => {
    for (const { title } of rows) expect(listModels(rows)).toContain(title);
  });

  test('as JSON is the rows themselves', () => {
    expect(JSON.parse(listModels(rows, { json: true }))).toEqual(rows);
  });
});

describe('showModel', () => {
  test.each([
    ['max-audio-classifier', /^image +codait\/max-audio-classifier, quay\.io\/codait\/max-audio-classifier$/m],
    [
      'max-audio-classifier',
      /^input +file in part audio, by default audio\.wav as audio\/wav, which the model insists on$/m,
    ],
    ['max-audio-classifier', /^query +start_time \(number, default 0\), filter \(string\)$/m],
    ['max-image-completer', /^query +mask_type \(string, required, one of random center left grid\)$/m],
    ['max-review-text-generator', /^input +JSON: seed_text \(string, required\), chars \(integer, default 100\)$/m],
    ['max-recommender', /^input +query parameters only$/m],
    ['bentoml', /^input +JSON$/m],
    ['bentoml', /^set +image, method$/m],
    ['digits', /^server +Express app app of \/app\/dist\/app\.js$/m],
    ['mlflow', /^server +port 8000, DISABLE_NGINX=true$/m],
    ['max-ocr', /^ready +once the port is open$/m],
    ['mlflow', /^ready +once GET \/ping answers 200–299$/m],
    ['cog', /^ready +once status of GET \/health-check is READY$/m],
    ['max-ocr', /^curl +curl -F image=@\S+ http:\/\/127\.0\.0\.1:3233\/api\/v1\/web\/guest\/default\/max-ocr$/m],
  ])('lists %s %s', (name, line) => {
    expect(showModel(findRow(rows, name))).toMatch(line);
  });

  test('wraps long texts on a narrow terminal, but not the curl command', () => {
    const { note = '' } = rows.find((row) => (row.note?.length ?? 0) > 80) ?? {};
    const row = rows.find((each) => each.note === note);
    if (row === undefined) throw new Error('no row has a long note');
    const lines = showModel(row, { columns: 60 }).split('\n');
    expect(lines.at(-1)).toMatch(/^curl +curl .*http:\/\/127\.0\.0\.1:3233\//);
    expect(Math.max(...lines.slice(0, -1).map((line) => line.length))).toBeLessThanOrEqual(60);
    const text = lines.map((line) => line.trim()).join(' ');
    expect(text).toContain(note);
  });

  test('omits the parts that a row does not have', () => {
    expect(showModel(findRow(rows, 'digits'))).not.toMatch(/^(source|ready|query|set)\b/m);
  });

  test('as JSON is the row with its curl line', () => {
    const row = findRow(rows, 'digits');
    expect(JSON.parse(showModel(row, { json: true }))).toEqual({ ...row, curl: expect.stringMatching(/^curl -F /) });
  });
});
