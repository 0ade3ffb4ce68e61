import { expect, test } from 'vitest';
import { parseRow } from '../../image/catalogue/catalogue.ts';
import { actionUrl, curlCommand } from '../../deploy/curl.ts';
import { rows } from '../image/rows.ts';
import { findRow } from '../../image/catalogue/catalogue.ts';

test('the URL of an action is the gateway’s, or that of any OpenWhisk', () => {
  const row = findRow(rows, 'digits');
  expect(actionUrl(row)).toBe('http://127.0.0.1:3233/api/v1/web/guest/default/digits');
  expect(actionUrl(row, 'https://eu-gb.example', 'me_dev')).toBe(
    'https://eu-gb.example/api/v1/web/me_dev/default/digits',
  );
});

test.each([
  ['a file', 'digits', 'curl -F image=@examples/digits/samples/7.png URL'],
  [
    'a part type the model insists on',
    'max-audio-classifier',
    `curl -F 'audio=@samples/thunder.wav;type=audio/wav' URL`,
  ],
  ['query parameters beside a file', 'max-object-detector', `curl -F image=@samples/dog-human.jpg 'URL?threshold=0.5'`],
  ['bytes as a reply', 'max-image-colorizer', 'curl -F image=@samples/bw-city.jpg URL -o result.png'],
  ['GET with query parameters', 'max-audio-sample-generator', `curl 'URL?model=stop' -o result.wav`],
  ['POST with query parameters only', 'max-recommender', `curl -X POST 'URL?user_id=1&num_results=5'`],
  [
    'a JSON body',
    'mlflow',
    `curl -H 'Content-Type: application/json' -d '{"dataframe_split":{"columns":["x","y"],"data":[[1,2]]}}' URL`,
  ],
])('the curl line sends %s', (_case, name, line) => {
  expect(curlCommand(findRow(rows, name), 'URL')).toBe(line);
});

const iris = { name: 'iris', title: 'Iris', image: 'me/iris', server: { kind: 'http', port: 5000 } };

test.each([
  [
    'the file name of the row',
    { input: { kind: 'file', field: 'f', filename: 'a.png', contentType: 'image/png' } },
    'curl -F f=@a.png URL',
  ],
  [
    'a raw body',
    { input: { kind: 'raw', contentType: 'image/png' } },
    `curl -H 'Content-Type: image/png' --data-binary @file URL`,
  ],
  ['an empty JSON object', { input: { kind: 'json' } }, `curl -H 'Content-Type: application/json' -d '{}' URL`],
  [
    'PUT where the model wants it',
    { method: 'PUT', input: { kind: 'json' } },
    `curl -X PUT -H 'Content-Type: application/json' -d '{}' URL`,
  ],
])('without a sample the curl line shows %s', (_case, predict, line) => {
  expect(curlCommand(parseRow({ ...iris, predict }, 'row'), 'URL')).toBe(line);
});

test('a single quote in a JSON body survives the shell', () => {
  const row = parseRow({ ...iris, predict: { input: { kind: 'json' } }, sample: { json: "it's" } }, 'row');
  expect(curlCommand(row, 'URL')).toBe(String.raw`curl -H 'Content-Type: application/json' -d '"it'\''s"' URL`);
});
