import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { streamModel } from '../../../adapter/call/call-model.ts';
import type { Outcome } from '../../../adapter/call/model-call.ts';
import { collectBody } from '../../../adapter/http/body.ts';
import type { ModelRequest, ModelResponse } from '../../../adapter/http/message.ts';
import { onAbort } from '../../../adapter/model/abort.ts';
import { ModelServerError } from '../../../adapter/errors.ts';

/** Stands for a model server whose reply has its head and its end after these milliseconds. */
function answering(head: number, end: number) {
  const handle = async ({ signal }: ModelRequest): Promise<ModelResponse> => {
    const gone = new ModelServerError('MODEL_TIMEOUT', 'too late');
    const aborted = new Promise<never>((_resolve, reject) => onAbort(signal, () => reject(gone)));
    await Promise.race([sleep(head), aborted]);
    const stream = Readable.from(
      (async function* () {
        yield Buffer.from('a');
        await Promise.race([sleep(end - head), aborted]);
        yield Buffer.from('b');
      })(),
    );
    return { status: 200, headers: [], body: { stream, length: undefined } };
  };
  const nothing = (): Promise<void> => Promise.resolve();
  return { handle, ready: nothing, configure: nothing, close: nothing };
}

async function call(head: number, end: number, streamEnd?: number): Promise<string> {
  const configuration = { log: 'off', errorOutput: 'log', deadlineMargin: 0 } as const;
  const limits = { end: Date.now() + 300, ...(streamEnd !== undefined && { streamEnd: Date.now() + streamEnd }) };
  const build = (each: Pick<ModelRequest, 'signal' | 'deadline'>): ModelRequest => {
    return { method: 'GET', path: '/', query: '', headers: [], body: Buffer.alloc(0), ...each };
  };
  let text = '';
  const deliver = async (
    { status, body }: ModelResponse,
    _request: unknown,
    ended: (outcome: Outcome) => void,
  ): Promise<void> => {
    text = await collectBody(body).then(
      (bytes) => `${status} ${String(bytes).slice(0, 2)}`,
      () => `${status} broken`,
    );
    ended({ status, bytes: 0 });
  };
  await streamModel({ model: answering(head, end), configuration }, { ...limits, build }, { deliver });
  return text;
}

test.each([
  ['a reply whose head is in time may end later', [50, 700, 5000], '200 ab'],
  ['a reply without a longer time for its end is interrupted', [50, 700, undefined], '200 broken'],
  ['a head that comes too late is a 504', [700, 700, 5000], '504 {"'],
] as [string, [number, number, number?], string][])('%s', async (_title, [head, end, streamEnd], wanted) => {
  expect(await call(head, end, streamEnd)).toBe(wanted);
});
