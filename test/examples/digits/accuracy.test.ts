import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import supertest from 'supertest';
import { expect, test } from 'vitest';
import { app } from '../../../examples/digits/src/app.ts';
import { holdout } from '../../../examples/digits/train/holdout.ts';

const data = join(import.meta.dirname, '../../../../shared/data/mnist-train');

if (!existsSync(data)) {
  console.warn(`skipped: no held-out digits in ${data}`);
}

test.skipIf(!existsSync(data))('reads at least 98.5 % of the 1,000 held-out digits over HTTP', async () => {
  const server = createServer(app).listen(0, '127.0.0.1');
  const examples = await holdout(data);
  let right = 0;
  for (const { png, label } of examples) {
    const response = await supertest(server).post('/model/predict').attach('image', png, 'digit.png');
    right += response.body.predictions[0].label_id === String(label) ? 1 : 0;
  }
  server.close();
  console.log(`${right} of ${examples.length} held-out digits read right`);
  expect(examples.length).toBe(1_000);
  expect(right / examples.length).toBeGreaterThanOrEqual(0.985);
});
