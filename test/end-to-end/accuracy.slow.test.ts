import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { holdout } from '../../examples/digits/train/holdout.ts';
import { createAction } from '../../gateway/action.ts';
import { digitsAction } from '../../cli/digits.ts';
import { createGateway, type Gateway } from '../../gateway/server.ts';
import { heldOutDigits, lacks } from '../support/requirements.ts';

describe.skipIf(lacks('the held-out digits in ../shared/data'))(
  'the digits action, asked over HTTP as a web action',
  () => {
    let gateway: Gateway;
    let url: string;
    beforeAll(async () => {
      gateway = createGateway({
        actions: [createAction(digitsAction(process.env))],
        activationsKept: 1,
      });
      url = `${await gateway.listen(0, '127.0.0.1')}/api/v1/web/guest/default/digits`;
    });
    afterAll(() => gateway.close());

    async function read(png: Buffer): Promise<number> {
      const form = new FormData();
      form.set('image', new Blob([new Uint8Array(png)], { type: 'image/png' }), 'digit.png');
      const response = await fetch(url, { method: 'POST', body: form });
      const { predictions } = (await response.json()) as { predictions: { label_id: string }[] };
      return Number(predictions[0]?.label_id);
    }

    test(
      'reads at least 98.5 % of the thousand digits that were held out of training',
      { timeout: 600_000 },
      async () => {
        const digits = await holdout(heldOutDigits);
        let right = 0;
        for (const { png, label } of digits) right += Number((await read(png)) === label);
        console.log(`${right} of ${digits.length} held-out digits read correctly through the web action`);
        expect(digits.length).toBe(1000);
        expect(right / digits.length).toBeGreaterThanOrEqual(0.985);
      },
    );
  },
);
