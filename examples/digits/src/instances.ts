import { HttpError, invalidInput } from './errors.ts';
import { readDigit } from './image/normalize.ts';
import { SIDE } from './model.ts';

/** Most instances of one request. */
export const MAX_INSTANCES = 256;

/**
 * The images of a body `{"instances": […]}` as the network reads them, one after the other. An instance is
 * `{"b64": "…"}`, the base64 of an image file, or 28 rows of 28 numbers from 0 (paper) to 1 (ink).
 *
 * Rejects with HttpError 400 that names the instance which cannot be read.
 */
export async function readInstances(body: unknown): Promise<Float32Array> {
  const instances = listOf(body);
  const images = new Float32Array(instances.length * SIDE * SIDE);
  for (let first = 0; first < instances.length; first += AT_ONCE) {
    const some = instances.slice(first, first + AT_ONCE);
    const read = await Promise.all(some.map((instance, index) => readInstance(instance, first + index)));
    for (const [index, image] of read.entries()) images.set(image, (first + index) * SIDE * SIDE);
  }
  return images;
}

/** Image files that are decoded at the same time; a large one takes up to 290 MB meanwhile. */
const AT_ONCE = 4;

function listOf(body: unknown): readonly unknown[] {
  const instances: unknown =
    typeof body === 'object' && body !== null && 'instances' in body ? body.instances : undefined;
  if (Array.isArray(instances) && instances.length > 0 && instances.length <= MAX_INSTANCES) return instances;
  throw invalidInput({ instances: `A list of 1 to ${MAX_INSTANCES} instances is expected` });
}

async function readInstance(instance: unknown, index: number): Promise<Float32Array> {
  if (Array.isArray(instance)) return readRows(instance, index);
  const b64: unknown =
    typeof instance === 'object' && instance !== null && 'b64' in instance ? instance.b64 : undefined;
  if (typeof b64 !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(b64)) {
    throw refused(index, `{"b64": base64 of an image} or ${SIDE} × ${SIDE} numbers expected`);
  }
  try {
    return (await readDigit(Buffer.from(b64, 'base64'))).image;
  } catch (error) {
    throw error instanceof HttpError ? refused(index, error.message) : error;
  }
}

function readRows(rows: readonly unknown[], index: number): Float32Array {
  const image = Float32Array.from(rows.flat(), Number);
  const isSquare = rows.length === SIDE && rows.every((row) => Array.isArray(row) && row.length === SIDE);
  const areNumbers = rows.flat().every((value) => typeof value === 'number' && value >= 0 && value <= 1);
  if (isSquare && areNumbers) return image;
  throw refused(index, `${SIDE} rows of ${SIDE} numbers from 0 to 1 expected`);
}

function refused(index: number, message: string): Error {
  return invalidInput({ [`instances.${index}`]: message });
}
