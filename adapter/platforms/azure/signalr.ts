import { isJsonObject } from '../../json/object.ts';

/** A message for all clients of a hub: the value of a `signalR` output binding. */
export interface SignalRMessage {
  readonly target: string;
  readonly arguments: readonly [Readonly<Record<string, unknown>>];
}

/**
 * The message for clients about a new result. Its only argument is the model's result with two more members:
 * `predictedTagName`, the label of the most probable prediction (or null), and `url`, the input's URL.
 *
 * @param target the method to call on each client
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
 * The result's own `predictedTagName` (Custom Vision), or the `tagName` (Custom Vision) or `label` (MAX) of the most
 * probable of the `predictions`.
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
