import { LRUCache } from 'lru-cache';
import { pMapIterable } from 'p-map';
import { codeOf, messageOf } from '../../core/errors.ts';
import { bodyFor, isUrl, type BodyOptions, type RequestBody } from './body.ts';
import type { Input } from './inputs.ts';
import { type CallResult, send, type SendOptions } from './send.ts';

export interface RunCallsOptions {
  readonly concurrency: number;
  /** Whether `onResult` is called as calls end instead of in the order of the inputs. */
  readonly unordered: boolean;
  /** Called as soon as a call has ended. */
  readonly onEnd: (result: CallResult) => void;
  /** Called for each result in order. The next results wait for it. */
  readonly onResult: (input: Input, result: CallResult) => Promise<void>;
}

/**
 * Makes a call for every input, `concurrency` at a time. A failed input does not stop the others.
 *
 * @param callFor must not reject: an error is a result
 */
export async function runCalls(
  inputs: AsyncIterable<Input>,
  callFor: (input: Input) => Promise<CallResult>,
  { concurrency, unordered, onEnd, onResult }: RunCallsOptions,
): Promise<void> {
  const call = async (input: Input): Promise<readonly [Input, CallResult]> => {
    const result = await callFor(input);
    onEnd(result);
    if (unordered) await onResult(input, result);
    return [input, result];
  };
  // The most results that wait for an earlier one, about those of one second.
  const backpressure = concurrency + 1000;
  for await (const [input, result] of pMapIterable(inputs, call, { concurrency, backpressure })) {
    if (!unordered) await onResult(input, result);
  }
}

/** A `callFor` that sends an input to a URL: the file, or JSON with the input's URL. */
export function callsTo(url: URL, options: BodyOptions & SendOptions): (input: Input) => Promise<CallResult> {
  const bodies = new Bodies(options);
  return async ({ name }) => {
    try {
      return await send(url, await bodies.of(name), options);
    } catch (error) {
      return { kind: 'failure', code: codeOf(error) ?? 'INPUT', message: messageOf(error), milliseconds: 0 };
    }
  };
}

/** A cache of the bodies of files, up to 64 MB. */
class Bodies {
  readonly #options: BodyOptions;
  readonly #kept = new LRUCache<string, RequestBody>({
    maxSize: 64 * 1024 * 1024,
    sizeCalculation: ({ bytes }) => bytes.length + 1,
  });

  constructor(options: BodyOptions) {
    this.#options = options;
  }

  async of(name: string): Promise<RequestBody> {
    const kept = this.#kept.get(name);
    if (kept !== undefined) return kept;
    const body = await bodyFor(name, this.#options);
    if (!isUrl(name)) this.#kept.set(name, body);
    return body;
  }
}
