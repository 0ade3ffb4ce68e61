import { join } from 'node:path';
import { loadModel, type Model, SIDE } from '../../examples/digits/src/model.ts';
import { median } from '../statistics.ts';

/** ONNX Runtime's images per second in batches of `largest`, relative to single images. */
export interface RuntimeRatio {
  readonly largest: number;
  readonly ratio: number;
}

export async function runtimeRatio(): Promise<RuntimeRatio> {
  const model = await loadModel(join(import.meta.dirname, '../../examples/digits/model.onnx'));
  const ratios: number[] = [];
  for (let round = -1; round < 10; round += 1) {
    const single = await timeOf(model, 1, largest);
    const together = await timeOf(model, largest, 1);
    if (round >= 0) ratios.push(single / together);
  }
  return { largest, ratio: median(ratios) };
}

const largest = 32;

/** Milliseconds for `runs` runs with `images` images each. */
async function timeOf(model: Model, images: number, runs: number): Promise<number> {
  const input = new Float32Array(images * SIDE * SIDE).fill(0.3);
  const began = performance.now();
  for (let run = 0; run < runs; run += 1) await model.logits(input);
  return performance.now() - began;
}
