import { Rejection } from '../errors.ts';
import type { GatewayRequest } from '../http/message.ts';
import { parseQuery } from '../http/query.ts';

/** The query parameters of a request to the REST API. Each method throws Rejection 400 for a malformed value. */
export class RestParameters {
  readonly #values: ReadonlyMap<string, string>;

  constructor(request: GatewayRequest) {
    // The first of repeated parameters counts.
    const pairs = parseQuery(request.query).map(([name, value]) => [name, value ?? ''] as const);
    this.#values = new Map(pairs.toReversed());
  }

  text(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** Like pekko-http, accepts "yes", "on" and "1" as true. Without the parameter, returns the fallback. */
  boolean(name: string, fallback = false): boolean {
    const value = this.#values.get(name)?.toLowerCase() ?? '';
    if (value === '') return fallback;
    if (['true', 'yes', 'on', '1'].includes(value)) return true;
    if (['false', 'no', 'off', '0'].includes(value)) return false;
    throw malformed(name, `'${value}' is not a valid Boolean value`);
  }

  /** Number of entities of a collection to list, at most 200. 0 means 200. */
  limit(collection: string): number {
    const limit = this.#integer('limit', collection) ?? 30;
    if (limit >= 0 && limit <= maximumLimit) return limit === 0 ? maximumLimit : limit;
    throw malformed('limit', `The value '${limit}' is not in the range of 0 to ${maximumLimit} for ${collection}.`);
  }

  /** Number of entities of a collection to skip first. */
  skip(collection: string): number {
    const skip = this.#integer('skip', collection) ?? 0;
    if (skip >= 0) return skip;
    throw malformed('skip', `The value '${skip}' is not greater than or equal to 0 for ${collection}.`);
  }

  /** Epoch milliseconds. */
  time(name: string): number | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    if (/^[+-]?\d{1,18}$/.test(value)) return Number(value);
    throw malformed(name, `Parameter is not a valid value for epoch seconds: ${value}`);
  }

  /** The caller's timeout in milliseconds, at most `limit`, which is also the default. */
  timeout(limit: number): number {
    const value = this.#values.get('timeout');
    if (value === undefined) return limit;
    const wait = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (wait <= limit) return wait;
    throw malformed('timeout', `Timeout must be number of milliseconds up to ${limit}.`);
  }

  #integer(name: string, collection: string): number | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    if (/^[+-]?\d{1,9}$/.test(value)) return Number(value);
    throw malformed(name, `The value '${value}' is not an integer for ${collection}.`);
  }
}

/** OpenWhisk's `whisk.query-limit.max-list-limit`. */
const maximumLimit = 200;

function malformed(name: string, reason: string): Rejection {
  return new Rejection(400, `The query parameter '${name}' was malformed:\n${reason}`);
}
