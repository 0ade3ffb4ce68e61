import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import supertest from 'supertest';
import { describe, expect, test } from 'vitest';
import { app } from '../../../examples/digits/src/app.ts';
import { example, fixture, sample, sharp } from './helpers.ts';

const names = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

async function digitIn(file: Buffer, name = 'digit.png'): Promise<string> {
  const response = await supertest(app).post('/model/predict').attach('image', file, name).expect(200);
  return response.body.predictions[0].label_id;
}

/** The letter E, which is not a digit. */
const letter = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200"><rect width="200" height="200" fill="white"/><path d="M150 20H50V180H150M50 100H130" stroke="black" stroke-width="14" fill="none"/></svg>',
);

function drawing(name = '2.png'): ReturnType<typeof sharp> {
  return sharp(sample(name));
}

async function onField(size: number, place: { left: number; top: number }): Promise<Buffer> {
  const input = await drawing('7.png').resize(60).toBuffer();
  return field(size)
    .composite([{ input, ...place }])
    .png()
    .toBuffer();
}

/** A digit of 280 pixels in a photo of 1200 × 900, with normally distributed noise and some dark pixels. */
async function noisy(deviation: number, specks = 0): Promise<Buffer> {
  const [width, height] = [1200, 900];
  const input = await drawing('7.png').resize(280).toBuffer();
  const pixels = await sharp({ create: { width, height, channels: 3, background: 'white' } })
    .composite([{ input, left: 500, top: 300 }])
    .removeAlpha()
    .linear(0.7, 30)
    .raw()
    .toBuffer();
  const next = randomNumbers();
  const photo = pixels.map((value) => {
    const deviate = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    return Math.min(255, Math.max(0, Math.round(value + deviation * deviate)));
  });
  for (let speck = 0; speck < specks; speck++) {
    const at = 3 * (width * (50 + Math.floor(next() * 200)) + 50 + Math.floor(next() * 400));
    photo.fill(20, at, at + 9);
  }
  return sharp(photo, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** The same numbers from 0 to 1 in each run (a linear congruential generator, as in POSIX's rand). */
function randomNumbers(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state / 0x8000_0000;
  };
}

function field(size: number): ReturnType<typeof sharp> {
  return sharp({ create: { width: size, height: size, channels: 3, background: 'white' } });
}

describe('POST /model/predict', () => {
  test('answers all ten digits as MAX servers do, the most likely first', async () => {
    const response = await supertest(app).post('/model/predict').attach('image', sample('7.png'), '7.png');
    expect(response.status).toBe(200);
    expect(response.headers['content-type']).toBe('application/json');
    expect(Object.keys(response.body)).toEqual(['status', 'predictions']);
    expect(response.body.status).toBe('ok');
    const { predictions } = response.body;
    expect(Object.keys(predictions[0])).toEqual(['label_id', 'label', 'probability']);
    expect(predictions[0]).toMatchObject({ label_id: '7', label: 'seven' });
    const probabilities = predictions.map(({ probability }: { probability: number }) => probability);
    expect(probabilities).toEqual(probabilities.toSorted((one: number, other: number) => other - one));
    expect(probabilities.reduce((sum: number, value: number) => sum + value)).toBeCloseTo(1, 6);
    for (const { label_id: id, label } of predictions) {
      expect(label).toBe(names[Number(id)]);
    }
    expect(new Set(predictions.map(({ label_id: id }: { label_id: string }) => id)).size).toBe(10);
  });

  test('gives the same bytes for the same image', async () => {
    const answers = await Promise.all(
      [1, 2, 3].map(() => supertest(app).post('/model/predict').attach('image', sample('4.jpg'), '4.jpg')),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  test.each(readdirSync(join(example, 'samples')).filter((name) => /^\d/.test(name)))(
    'reads the drawn sample %s',
    async (name) => expect(await digitIn(sample(name), name)).toBe(name[0]),
  );

  test.each(readdirSync(join(import.meta.dirname, 'fixtures')))('reads %s as other programs write it', async (name) =>
    expect(await digitIn(fixture(name), name)).toBe(name[0]),
  );

  test.each<[kind: string, image: () => Promise<Buffer>, digit: string]>([
    ['light ink on dark', () => drawing().negate({ alpha: false }).png().toBuffer(), '2'],
    ['grey', () => drawing().greyscale().png().toBuffer(), '2'],
    ['grey with 16 bits', () => drawing().greyscale().toColourspace('grey16').png().toBuffer(), '2'],
    ['an interlaced palette', () => drawing().png({ palette: true, colours: 8, progressive: true }).toBuffer(), '2'],
    ['a progressive JPEG', () => drawing().jpeg({ progressive: true, quality: 30 }).toBuffer(), '2'],
    ['faint pencil', () => drawing('0.png').linear(0.15, 210).png().toBuffer(), '0'],
    [
      'a photo held sideways, as its EXIF says',
      () =>
        drawing('7.png')
          .rotate(-90)
          .withExif({ IFD0: { Orientation: '6' } })
          .jpeg()
          .toBuffer(),
      '7',
    ],
    ['WebP', () => drawing('7.png').webp().toBuffer(), '7'],
    ['lossless WebP with alpha', () => sharp(sample('3-transparent.png')).webp({ lossless: true }).toBuffer(), '3'],
    ['AVIF', () => drawing('7.png').avif().toBuffer(), '7'],
    ['a photo of 48 megapixels', () => drawing('7.png').resize(8000, 6000, { fit: 'fill' }).jpeg().toBuffer(), '7'],
    ['a PNG of 9,000 pixels a side', () => drawing('7.png').resize(9000, 5000, { fit: 'fill' }).png().toBuffer(), '7'],
    ['a noisy photo', () => noisy(20), '7'],
    ['a photo with specks', () => noisy(0, 12), '7'],
    ['60 of 1200 pixels, top left', () => onField(1200, { left: 20, top: 30 }), '7'],
    ['60 of 4000 pixels, bottom right', () => onField(4000, { left: 3900, top: 3880 }), '7'],
    [
      'a wide strip',
      () => drawing('7.png').extend({ left: 1000, right: 3, background: 'white' }).png().toBuffer(),
      '7',
    ],
    ['8 pixels a side', () => drawing('7.png').resize(8, 8).png().toBuffer(), '7'],
  ])('reads a digit in %s', async (_kind, image, digit) => expect(await digitIn(await image())).toBe(digit));

  test('says that it is not sure if no digit is likely, and only then', async () => {
    const unlike = await sharp(letter).png().toBuffer();
    const doubtful = await supertest(app).post('/model/predict').attach('image', unlike, 'x.png').expect(200);
    expect(doubtful.body.note).toBe('Not sure: no digit is likely in this image');
    expect(doubtful.body.predictions[0].probability).toBeLessThan(0.5);
    const sure = await supertest(app).post('/model/predict').attach('image', sample('7.png'), '7.png').expect(200);
    expect(sure.body).not.toHaveProperty('note');
  });

  test('reads a part without a usable name or type, and ignores other parts', async () => {
    const response = await supertest(app)
      .post('/model/predict?verbose=1')
      .field('comment', 'seven?')
      .attach('other', Buffer.from('x'), 'x.txt')
      .attach('image', sample('7.png'), { filename: 'blob', contentType: 'application/octet-stream' });
    expect(response.body.predictions[0].label).toBe('seven');
  });
});
