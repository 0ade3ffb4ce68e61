import { readDigit } from './image/normalize.ts';
import { labels, softmax, type Model } from './model.ts';

export interface Prediction {
  readonly label_id: string;
  readonly label: string;
  /** From 0 to 1; the ten of an image sum to 1. */
  readonly probability: number;
}

/** All ten digits with their probabilities for the image in `file`, the most likely first. */
export async function predict(model: Model, file: Buffer): Promise<Prediction[]> {
  const { image } = await readDigit(file);
  const [probabilities = []] = await probabilitiesOf(model, image);
  return labels
    .map((label, index) => ({ label_id: String(index), label, probability: probabilities[index] ?? 0 }))
    .toSorted((one, other) => other.probability - one.probability);
}

/** The probabilities of the ten digits for each image; the network is run once for all. */
export async function probabilitiesOf(model: Model, images: Float32Array): Promise<number[][]> {
  return (await model.logits(images)).map((logits) => softmax(logits));
}

/** Below this probability no digit is likely: the drawing is not a digit, or is unreadable. */
const SURE = 0.5;

/** A note for the reply if no prediction is likely, otherwise empty. */
export function doubt([best]: readonly Prediction[]): { note?: string } {
  return best !== undefined && best.probability < SURE ? { note: 'Not sure: no digit is likely in this image' } : {};
}
