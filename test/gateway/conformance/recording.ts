import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** A received reply. Ids of 32 characters are replaced by `<id>`; values that change each time are left out. */
export type RecordedReply =
  | {
      readonly status: number;
      readonly reason: string;
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly text?: string;
      readonly base64?: string;
    }
  /** The connection was closed without a final reply. */
  | { readonly error: string };

/** A request, and the `value` that the action's /run received, or the controller's reply if it refused the request. */
export interface RecordedRequest {
  readonly group: string;
  readonly action: 'standard' | 'raw';
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Base64. */
  readonly body: string;
  readonly chunked: boolean;
  readonly value?: unknown;
  readonly reply?: RecordedReply;
}

/** An action's answer to /run, and the reply to the web action's caller. */
export interface RecordedResult {
  readonly run: { readonly status: number; readonly text: string };
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly reply: RecordedReply;
}

/** Exchanges with a real OpenWhisk. test/fixtures/openwhisk/README.md says how they were recorded. */
export function recordedRequests(): RecordedRequest[] {
  return read('requests') as RecordedRequest[];
}

export function recordedResults(): RecordedResult[] {
  return read('results') as RecordedResult[];
}

function read(name: string): unknown[] {
  const file = new URL(`../../fixtures/openwhisk/${name}.jsonl.gz`, import.meta.url);
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
  return lines.map((line): unknown => JSON.parse(line));
}
