import { isJsonObject } from '../../json/object.ts';

/** A message for all clients of a hub: the value of a `signalR` output binding. */
export interface SignalRMessage {
  readonly target: string;
  readonly arguments: readonly [Readonly<Record<string, unknown>>];
}

/**
 * The message that tells clients of a new result. Its one argument is the model's result with two members more:
 * `predictedTagName`, the label of the most probable prediction (null where there is none to be found), and `url`,
 * the input's.
 *
 * @param target the method that is called on each client
 */
export function resultMessage(
  target: string,
  result: Readonly<Record<string, unknown>>,
  url: string | undefined,
): SignalRMessage {
  const predictedTagName = predictedTag(result);
  return { target, arguments: [{ ...result, predictedTagName, ...(url === undefined ? {} : { url }) }] };
}

/**
 * The label as Custom Vision's servers name it (`predictedTagName`), or that of the most probable of the `predictions`,
 * each with a `tagName` (Custom Vision) or a `label` (MAX).
 */
function predictedTag(result: Readonly<Record<string, unknown>>): string | null {
  if (typeof result['predictedTagName'] === 'string') return result['predictedTagName'];
  const { predictions } = result;
  if (!Array.isArray(predictions)) return null;
  const [first = {}, ...others] = predictions.filter(isJsonObject);
  const best = others.reduce((one, other) => (probability(other) > probability(one) ? other : one), first);
  const label = best['tagName'] ?? best['label'];
  return typeof label === 'string' ? label : null;
}

function probability(prediction: Readonly<Record<string, unknown>>): number {
  return typeof prediction['probability'] === 'number' ? prediction['probability'] : 0;
}
