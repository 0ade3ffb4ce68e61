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
      const paper = Math.max(...drawn.subarray(0, width));
      const colours = [...drawn.entries()].map(([pixel, value]) => {
        const [red = 0, green = 0, blue = 0] = heat.subarray(pixel * 3, pixel * 3 + 3);
        return { isPaper: value > paper - 4, isRed: red - blue > 100, darkest: Math.min(red, green, blue) };
      });
      expect(colours.filter(({ isPaper, darkest }) => isPaper && darkest < 200)).toEqual([]);
      expect(colours.filter(({ isRed }) => isRed).length).toBeGreaterThan(20);
    },
  );

  test('gives the same bytes for the same image', async () => {
    expect(await explain('9-light.jpg')).toEqual(await explain('9-light.jpg'));
  });
});
