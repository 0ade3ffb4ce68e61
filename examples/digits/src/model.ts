import { readFile } from 'node:fs/promises';
import * as onnx from 'onnxruntime-web';

/** Side of the square image that the network reads. */
export const SIDE = 28;

export const labels = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'] as const;

export interface Model {
  /**
   * The network's ten logits for each image.
   *
   * @param images ink from 0 to 1, row by row, `SIDE` × `SIDE` values per image, one image after the other
   */
  logits(images: Float32Array): Promise<Float32Array[]>;
}

/** Loads the ONNX file. Rejects with one line that names the file if it is missing, broken or another model. */
export async function loadModel(path: string): Promise<Model> {
  // More threads need shared memory and worker files, and a single image is too little work to divide.
  onnx.env.wasm.numThreads = 1;
  onnx.env.logLevel = 'error';
  try {
    const session = await onnx.InferenceSession.create(await readFile(path));
    const model: Model = { logits: (images) => run(session, images) };
    await model.logits(new Float32Array(SIDE * SIDE));
    return model;
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new Error(`The model ${path} cannot be loaded: ${line}`, { cause: error });
  }
}

/** Probabilities of the ten digits. */
export function softmax(logits: Float32Array): number[] {
  const largest = Math.max(...logits);
  const exponentials = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
}

async function run(session: onnx.InferenceSession, images: Float32Array): Promise<Float32Array[]> {
  const count = images.length / (SIDE * SIDE);
  const output = await session.run({ image: new onnx.Tensor('float32', images, [count, 1, SIDE, SIDE]) });
  const values = output['logits']?.data;
  if (!(values instanceof Float32Array) || values.length !== count * labels.length) {
    throw new Error(`expected the output "logits" with ${labels.length} numbers per image`);
  }
  return Array.from({ length: count }, (_, index) => values.slice(index * labels.length, (index + 1) * labels.length));
}
