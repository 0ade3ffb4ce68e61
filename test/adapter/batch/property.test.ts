import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ModelServerError } from '../../../adapter/errors.ts';
import type { CallSignal, ModelResponse } from '../../../adapter/http/message.ts';
import { batching, json, modelThat, requestOf, sleep, textOf } from './support.ts';

// After a failure, fast-check prints the seed and the smallest counterexample.

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Call {
  /** Milliseconds, from the start. */
  readonly arrival: number;
  /** The texts of elements. */
  readonly elements: readonly string[];
  readonly parameters: string;
  readonly tenant: string;
  /** Milliseconds that the caller waits. */
  readonly patience: number;
}

const element = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom('1', '1.0', '-0', '12345678901234567890', '0.10', '"a"', '{"a":1.50}', '[ ]'),
  },
  { weight: 1, arbitrary: fc.constantFrom('"bad"', '"deadly"', '"late"', '"hangs"') },
);

const call: fc.Arbitrary<Call> = fc.record({
  arrival: fc.integer({ min: 0, max: 60 }),
  elements: fc.array(element, { maxLength: 5 }),
  parameters: fc.constantFrom('p', 'q'),
  tenant: fc.constantFrom('a', 'a', 'a', 'b'),
  patience: fc.oneof(
    { weight: 3, arbitrary: fc.constant(100_000) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 40 }) },
  ),
});

const route = fc.record({
  largest: fc.integer({ min: 2, max: 8 }),
  wait: fc.integer({ min: 0, max: 20 }),
  bytes: fc.constantFrom(80, 200, 100_000),
});

function bodyOf({ elements, parameters }: Pick<Call, 'elements' | 'parameters'>): string {
  return `{"instances":[${elements.join(',')}],"parameters":"${parameters}"}`;
}

/** A model whose reply to each element depends only on the element, the parameters and the tenant. */
function oracle() {
  return modelThat(async ({ headers, signal }, body) => {
    const [, list = '', parameters = ''] = /^\{"instances":\[(.*)\],"parameters":"(.)"\}$/.exec(body) ?? [];
    const elements = list === '' ? [] : list.split(',');
    await sleep(3 + elements.length + (elements.includes('"late"') ? 30 : 0));
    if (elements.includes('"hangs"')) await aborted(signal);
    if (elements.includes('"deadly"')) throw new ModelServerError('MODEL_CRASHED', 'the model server died');
    if (elements.includes('"bad"')) return json('{"error": "bad"}', 400);
    const tenant = headers.find(([name]) => name === 'x-tenant')?.[1] ?? '';
    const outputs = elements.map((each) => `{"of": ${each}, "by": "${tenant}${parameters}"}`);
    return json(`{"predictions": [${outputs.join(', ')}], "of": "${parameters}"}`);
  });
}

/** Rejects like a model server whose call is aborted. */
function aborted(signal: CallSignal): Promise<never> {
  return new Promise((_fulfil, reject) => {
    const giveUp = (): void => reject(new ModelServerError('MODEL_TIMEOUT', 'given up'));
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp);
  });
}

type Outcome = { readonly status: number; readonly body: string } | { readonly code: string };

async function outcomeOf(answer: Promise<ModelResponse>): Promise<Outcome> {
  try {
    const response = await answer;
    return { status: response.status, body: textOf(response) };
  } catch (error) {
    return { code: error instanceof ModelServerError ? error.code : String(error) };
  }
}

async function run(calls: readonly Call[], options: Parameters<typeof batching>[1]) {
  const { model, requests, bodies } = oracle();
  const { model: batched } = batching(model, options);
  const outcomes = calls.map(async (each) => {
    await sleep(each.arrival);
    const more = [['x-tenant', each.tenant] as const];
    const { signal } = leavingAfter(each.patience);
    return outcomeOf(batched.handle(requestOf(bodyOf(each), { more, signal })));
  });
  await vi.runAllTimersAsync();
  return { outcomes: await Promise.all(outcomes), requests, bodies };
}

function leavingAfter(milliseconds: number): AbortController {
  const leaving = new AbortController();
  setTimeout(() => leaving.abort(), milliseconds);
  return leaving;
}

async function alone(each: Call): Promise<Outcome> {
  const { model } = oracle();
  const { signal } = leavingAfter(100_000);
  const answer = outcomeOf(model.handle(requestOf(bodyOf(each), { more: [['x-tenant', each.tenant]], signal })));
  await vi.runAllTimersAsync();
  return answer;
}

const gaveUp: Outcome = { code: 'MODEL_TIMEOUT' };

test('each caller gets the same reply as alone, whatever other callers do', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 12 }), route, async (calls, options) => {
      const { outcomes } = await run(calls, { ...options, idempotent: true });
      for (const [index, each] of calls.entries()) {
        const outcome = outcomes[index];
        const expected = await alone(each);
        if (each.patience < 1000 && JSON.stringify(outcome) === JSON.stringify(gaveUp)) continue;
        expect(outcome, bodyOf(each)).toEqual(expected);
      }
    }),
    { numRuns: 150 },
  );
});

test('if nothing is sent twice, a caller gets its own reply or the failure of the batch, never a part of another call', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 12 }), route, async (calls, options) => {
      const { outcomes, bodies } = await run(calls, options);
      const failures: Outcome[] = [gaveUp, { code: 'MODEL_CRASHED' }, { status: 400, body: '{"error": "bad"}' }];
      const allowed = (own: Outcome) => [own, ...failures].map((each) => JSON.stringify(each));
      for (const [index, each] of calls.entries()) {
        expect(allowed(await alone(each))).toContain(JSON.stringify(outcomes[index]));
      }
      const sent =
        bodies()
          .join()
          .match(/"bad"|"deadly"|"late"|"hangs"/g) ?? [];
      const given = calls.flatMap(({ elements }) => elements).filter((each) => /bad|deadly|late|hangs/.test(each));
      expect(sent.length).toBeLessThanOrEqual(given.length);
    }),
    { numRuns: 80 },
  );
});

test('no batch exceeds its limits or mixes calls that must not be mixed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 12 }), route, async (calls, options) => {
      const { requests } = await run(calls, options);
      const single = new Set(calls.map((each) => bodyOf(each)));
      for (const { body, headers } of requests) {
        const text = body.toString();
        if (single.has(text)) continue;
        const count = /\[(.*)\]/.exec(text)?.[1]?.split(',').length ?? 0;
        expect(count).toBeLessThanOrEqual(options.largest);
        expect(text.length).toBeLessThanOrEqual(options.bytes);
        expect(headers.filter(([name]) => name === 'x-tenant')).toHaveLength(1);
      }
    }),
    { numRuns: 80 },
  );
});
