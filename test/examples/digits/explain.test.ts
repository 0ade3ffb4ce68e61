import supertest from 'supertest';
import { describe, expect, test } from 'vitest';
import { app } from '../../../examples/digits/src/app.ts';
import { sample, sharp } from './helpers.ts';

async function explain(name: string): Promise<Buffer> {
  const response = await supertest(app).post('/model/explain').attach('image', sample(name), name);
  expect(response.status).toBe(200);
  expect(response.headers['content-type']).toBe('image/png');
  return response.body;
}

describe('POST /model/explain', () => {
  test.each(['7.png', '4.jpg', '8-small.png'])(
    'colours the ink of %s, and only the ink, in its own place',
    async (name) => {
      const image = sharp(await explain(name));
      const { width, height } = await image.metadata();
      const original = await sharp(sample(name)).metadata();
      expect(Math.max(width, height)).toBe(320);
      expect(width / height).toBeCloseTo(original.width / original.height, 1);

      const heat = await image.raw().toBuffer();
      const drawn = await sharp(sample(name)).resize(width, height, { kernel: 'linear' }).greyscale().raw().toBuffer();
      const bright = Math.max(...drawn.subarray(0, width));
      let red = 0;
      for (const [pixel, value] of drawn.entries()) {
        const [r = 0, g = 0, b = 0] = heat.subarray(pixel * 3, pixel * 3 + 3);
        red += r - b > 100 ? 1 : 0;
        if (value > bright - 4) {
          expect(Math.min(r, g, b)).toBeGreaterThan(200);
        }
      }
      expect(red).toBeGreaterThan(20);
    },
  );

  test('gives the same bytes for the same image', async () => {
    expect(await explain('9-light.jpg')).toEqual(await explain('9-light.jpg'));
  });
});
