import { createServer } from 'node:http';
import supertest from 'supertest';
import { expect, test } from 'vitest';
import { app } from '../../../examples/digits/src/app.ts';
import { holdout } from '../../../examples/digits/train/holdout.ts';
import { heldOutDigits, lacks } from '../../support/requirements.ts';

const impossible = lacks('the held-out digits in ../shared/data');

test.skipIf(impossible)('reads at least 98.5 % of the 1,000 held-out digits over HTTP', async () => {
  const server = createServer(app).listen(0, '127.0.0.1');
  const examples = await holdout(heldOutDigits);
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
