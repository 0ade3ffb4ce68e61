/** One label of a prediction, with its place in the input. */
export interface Prediction {
  readonly label: string;
  /** From 0 to 1. Undefined if the model gives no probability. */
  readonly probability: number | undefined;
  /** Top, left, bottom, right: from 0 to 1, or in pixels if a value is larger. */
  readonly box: readonly [number, number, number, number] | undefined;
}

/** A text reply, by the known shapes of model servers. */
export type TextReply =
  | { readonly kind: 'predictions'; readonly predictions: readonly Prediction[]; readonly note: string | undefined }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'tokens'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string };

/** Reads a reply: MAX's `predictions`, a stream of tokens (server-sent events or lines of JSON), an error, or text. */
export function readReply(contentType: string, text: string): TextReply {
  if (/event-stream|ndjson/i.test(contentType)) return { kind: 'tokens', text: tokensOf(text) };
  const json = parsed(text);
  if (!isObject(json)) return { kind: 'text', text };
  const list = json['predictions'] ?? json['prediction_result'];
  const predictions = (Array.isArray(list) ? list : []).flatMap(predictionOf);
  if (predictions.length > 0) {
    return { kind: 'predictions', predictions: predictions.slice(0, 20), note: textOf(json['note']) };
  }
  const error = textOf(json['message']) ?? textOf(json['error']);
  return error === undefined
    ? { kind: 'text', text: JSON.stringify(json, undefined, 2) }
    : { kind: 'error', message: error };
}

function predictionOf(given: unknown): Prediction[] {
  if (!isObject(given)) return [];
  const nested = given['emotion_predictions'];
  const best = Array.isArray(nested) && isObject(nested[0]) ? nested[0] : given;
  const named = ['label', 'digit', 'caption', 'age_estimation', 'class', 'label_id'].find((name) => name in best);
  const box = boxOf(given['detection_box']);
  if (named === undefined && box === undefined) return [];
  const probability = best['probability'];
  return [
    {
      label: named === undefined ? '' : String(best[named]),
      probability: typeof probability === 'number' ? probability : undefined,
      box,
    },
  ];
}

function boxOf(given: unknown): Prediction['box'] {
  if (!Array.isArray(given) || given.length < 4) return undefined;
  const [top, left, bottom, right] = given.map(Number);
  const corners = [top, left, bottom, right];
  if (!corners.every((corner) => Number.isFinite(corner))) return undefined;
  return [top ?? 0, left ?? 0, bottom ?? 0, right ?? 0];
}

/** The texts of a stream so far. The last line may be incomplete. */
function tokensOf(stream: string): string {
  return stream
    .split(/\r?\n/)
    .map((line) => parsed(line.replace(/^data:\s*/, '')))
    .map(tokenOf)
    .join('');
}

/** OpenAI's chunks, TGI's tokens, Ollama's responses and messages. */
function tokenOf(event: unknown): string {
  if (!isObject(event)) return '';
  const choices = event['choices'];
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const places = [
    event['response'],
    event['content'],
    member(event['token'], 'text'),
    member(event['message'], 'content'),
    member(choice, 'text'),
    member(member(choice, 'delta'), 'content'),
  ];
  return places.map(textOf).find((text) => text !== undefined) ?? '';
}

function member(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
