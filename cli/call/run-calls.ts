import { LRUCache } from 'lru-cache';
import { pMapIterable } from 'p-map';
import { codeOf, messageOf } from '../../core/errors.ts';
import { bodyFor, isUrl, type BodyOptions, type RequestBody } from './body.ts';
import type { Input } from './inputs.ts';
import { type CallResult, send, type SendOptions } from './send.ts';

export interface RunCallsOptions {
  readonly concurrency: number;
  /** Whether results are told as they come instead of in the order of the inputs. */
  readonly unordered: boolean;
  /** Told each call as soon as it has ended. */
  readonly onEnd: (result: CallResult) => void;
  /** Told each result once it is its turn. */
  readonly onResult: (input: Input, result: CallResult) => void;
}

/**
 * Makes a call for every input, `concurrency` at a time. An input that fails stops no other.
 *
 * @param callFor never rejects: what goes wrong is a result
 */
export async function runCalls(
  inputs: AsyncIterable<Input>,
  callFor: (input: Input) => Promise<CallResult>,
  { concurrency, unordered, onEnd, onResult }: RunCallsOptions,
): Promise<void> {
  const call = async (input: Input): Promise<readonly [Input, CallResult]> => {
    const result = await callFor(input);
    onEnd(result);
    if (unordered) onResult(input, result);
    return [input, result];
  };
  // Results that wait for an earlier one are kept: as many as would fill a second or so.
  const backpressure = concurrency + 1000;
  for await (const [input, result] of pMapIterable(inputs, call, { concurrency, backpressure })) {
    if (!unordered) onResult(input, result);
  }
}

/** A function for runCalls that sends an input to a URL: the file itself, or JSON that names a URL. */
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

/** Bodies of files that are sent again and again, up to 64 MB of them. */
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
