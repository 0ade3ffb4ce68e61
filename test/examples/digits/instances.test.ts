import supertest from 'supertest';
import { describe, expect, test } from 'vitest';
import { app } from '../../../examples/digits/src/app.ts';
import { readDigit } from '../../../examples/digits/src/image/normalize.ts';
import { SIDE } from '../../../examples/digits/src/model.ts';
import { sample } from './helpers.ts';

const path = '/v1/models/digits:predict';
const b64 = (name: string): object => ({ b64: sample(name).toString('base64') });

async function rows(name: string): Promise<number[][]> {
  const { image } = await readDigit(sample(name));
  return Array.from({ length: SIDE }, (_, row) => Array.from(image.slice(row * SIDE, (row + 1) * SIDE)));
}

async function predict(instances: unknown): Promise<{ digit: number; probabilities: number[] }[]> {
  const { body } = await supertest(app)
    .post(path)
    .send({ instances })
    .expect(200)
    .expect('content-type', 'application/json');
  return body.predictions;
}

describe('POST /v1/models/digits:predict', () => {
  test('answers a prediction for each image, in their order', async () => {
    const names = ['7.png', '0.png', '4.jpg', '6.gif', '5.bmp', '1.png'];
    const predictions = await predict([...names.map((name) => b64(name)), await rows('2.png')]);
    expect(predictions.map(({ digit }) => digit)).toEqual([7, 0, 4, 6, 5, 1, 2]);
    for (const { probabilities } of predictions) {
      expect(probabilities).toHaveLength(10);
      expect(probabilities.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1);
    }
  });

  test('gives the same result as a single image, and as POST /model/predict', async () => {
    const [alone] = await predict([b64('7.png')]);
    const [, among] = await predict([b64('0.png'), b64('7.png')]);
    const { body } = await supertest(app).post('/model/predict').attach('image', sample('7.png'), '7.png');
    for (const [digit, probability] of (alone?.probabilities ?? []).entries()) {
      expect(among?.probabilities[digit]).toBeCloseTo(probability, 6);
    }
    expect(body.predictions[0].probability).toBeCloseTo(alone?.probabilities[7] ?? 0, 6);
  });

  test.each<[string, unknown, string, RegExp]>([
    ['no body', undefined, 'instances', /list of 1 to 256/],
    ['no list', { instances: {} }, 'instances', /list of 1 to 256/],
    ['an empty list', { instances: [] }, 'instances', /list of 1 to 256/],
    ['too many', { instances: Array.from({ length: 257 }, () => 1) }, 'instances', /list of 1 to 256/],
    ['a number', { instances: [b64('7.png'), 7] }, 'instances.1', /28 × 28 numbers expected/],
    ['text that is not base64', { instances: [{ b64: 'seven!' }] }, 'instances.0', /base64/],
    ['bytes that are no image', { instances: [b64('7.png'), { b64: 'aaaa' }] }, 'instances.1', /not a PNG/],
    ['too few rows', { instances: [[[0]]] }, 'instances.0', /28 rows of 28 numbers/],
    [
      'grey from 0 to 255',
      { instances: [Array.from({ length: 28 }, () => Array.from({ length: 28 }, () => 255))] },
      'instances.0',
      /from 0 to 1/,
    ],
  ])('%s is a 400 that names the instance', async (_case, body, name, message) => {
    const request = supertest(app).post(path);
    const response = await (body === undefined ? request : request.send(body as object));
    expect(response.status).toBe(400);
    expect(response.body.errors[name]).toMatch(message);
  });

  test('is counted in GET /metrics: how many images the network read at a time', async () => {
    const read = async (): Promise<string> => (await supertest(app).get('/metrics').expect(200)).text;
    const valueOf = (text: string, line: string): number => Number(new RegExp(`^${line} (\\d+)$`, 'm').exec(text)?.[1]);
    const before = await read();
    await predict([b64('7.png'), b64('0.png'), b64('4.jpg')]);
    await predict([b64('7.png')]);
    const after = await read();
    const grown = (line: string): number => valueOf(after, line) - valueOf(before, line);
    expect(grown('digits_batch_size_count')).toBe(2);
    expect(grown('digits_batch_size_sum')).toBe(4);
    expect(grown('digits_batch_size_bucket{le="2"}')).toBe(1);
    expect(grown('digits_batch_size_bucket{le="4"}')).toBe(2);
    expect(grown('digits_batch_size_bucket{le="\\+Inf"}')).toBe(2);
  });
});
