import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { startStage } from '../support/stage.ts';
import { recordedRequests, recordedResults, type RecordedReply, type RecordedRequest } from './recording.ts';
import { exchange } from './wire.ts';

// Replays the requests to a real OpenWhisk, and compares the action's parameters and the replies.
const requests = recordedRequests();
const results = recordedResults();

/** Rows that cannot pass, with the reasons. */
const exceptions: ReadonlyMap<string, string> = new Map([
  ['/api/v1/web/guest/default/probe/echo?result64=x', "the reply is a failure of the recorder's own action"],
]);

const actions = [{ name: 'probe' }, { name: 'rprobe', annotations: { 'raw-http': true } }];
let stage: Stage;
/** A stage that does not wait, for lost activations. */
let hasty: Stage;

beforeAll(async () => {
  stage = await startStage({}, actions);
  hasty = await startStage({ waitLimit: 50 }, actions);
});

afterAll(async () => {
  await stage.close();
  await hasty.close();
});

describe('the action gets the parameters of a real controller, and malformed requests the same refusal', () => {
  const groups = groupBy(requests, ({ group }) => group);
  test.each([...groups].map(([group, rows]) => [group, rows.length, rows] as const))(
    '%s (%i requests)',
    async (_group, _count, rows) => {
      const differences: unknown[] = [];
      for (const row of rows) {
        const seen = await replayRequest(row);
        const expected = row.value === undefined ? row.reply : comparable(row.value);
        if (!exceptions.has(row.target) && !isEqual(seen, expected)) differences.push({ row, seen });
      }
      expect(differences).toEqual([]);
    },
  );
});

describe("the caller gets the reply of a real controller to the action's answer", () => {
  const byExtension = groupBy(results, ({ target }) => /\.\w+$/.exec(target)?.[0] ?? 'no extension');
  test.each([...byExtension].map(([extension, rows]) => [extension, rows.length, rows] as const))(
    '%s (%i results)',
    async (_extension, _count, rows) => {
      // The gateway says why the controller fails at an array.
      const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
      const differences: unknown[] = [];
      for (const row of rows) {
        const replying = row.run.status === 503 ? hasty : stage;
        replying.container.handle = (path, response) => {
          const body = Buffer.from(path === '/init' ? '{}' : row.run.text);
          response.writeHead(path === '/init' ? 200 : row.run.status, { 'Content-Length': body.length }).end(body);
        };
        const seen = await exchange(port(replying), { ...row, body: Buffer.alloc(0), chunked: false });
        if (!isEqual(seen, row.reply)) differences.push({ row, seen });
      }
      log.mockRestore();
      expect(differences).toEqual([]);
    },
  );
});

/** The action's parameters, or the reply if the action was not called. */
async function replayRequest(row: RecordedRequest): Promise<unknown> {
  const { container } = stage;
  container.handle = undefined;
  container.answer = () => ({ headers: { 'content-type': 'application/json' }, body: '{}' });
  container.calls.length = 0;
  const body = Buffer.from(row.body, 'base64');
  const reply: RecordedReply = await exchange(port(stage), { ...row, body });
  const [run] = container.runs();
  return run === undefined || row.value === undefined ? reply : comparable(run.value);
}

function port({ url }: Stage): number {
  return Number(new URL(url).port);
}

/** Drops the transaction ids of the recorder's caller. */
function comparable(value: unknown): unknown {
  const parameters = value as Record<string, unknown>;
  const headers = parameters['__ow_headers'] as Record<string, string>;
  return headers['x-request-id'] === undefined
    ? parameters
    : { ...parameters, __ow_headers: { ...headers, 'x-request-id': '<id>' } };
}

/** Ignores the order of objects with more than four keys, which Scala's hash maps determine. */
function isEqual(left: unknown, right: unknown): boolean {
  return JSON.stringify(left, sortLarge) === JSON.stringify(right, sortLarge);
}

function sortLarge(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  return entries.length > 4 ? Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1))) : value;
}

function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}
