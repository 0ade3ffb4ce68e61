import { expect, test } from 'vitest';
import { chooseMachine, type Machine } from '../../deploy/machine.ts';

const machines: readonly [Machine, ...Machine[]] = [
  { type: 'small', memory: 8192 },
  { type: 'large', memory: 16_384 },
  { type: 'gpu', memory: 16_384, gpus: 1 },
  { type: 'gpus', memory: 65_536, gpus: 4 },
];

test.each([
  ['the smallest that has the memory', { memory: 512 }, 'small'],
  ['a larger one for more', { memory: 8193 }, 'large'],
  ['the largest if none has enough', { memory: 100_000 }, 'large'],
  ['one with a GPU only if the row asks for it', { memory: 512, gpu: 1 }, 'gpu'],
  ['one with as many GPUs', { memory: 512, gpu: 2 }, 'gpus'],
  ['the largest with GPUs if none has enough', { memory: 512, gpu: 16 }, 'gpus'],
])('%s', (_, row, type) => {
  expect(chooseMachine(row, machines).type).toBe(type);
});
