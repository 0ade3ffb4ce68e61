import { functionUrl, streamingFunctionUrl } from '../test/adapter/platforms/lambda/front-ends.ts';
import { FakeRuntimeApi, type Outcome } from '../test/adapter/platforms/lambda/runtime-api.ts';
import { startOnLambda, type LambdaContestant, type Mode } from './lambda-contestants.ts';
import type { Peers } from './peers.ts';
import type { Programs } from './programs.ts';
import { jsonBody } from './workloads.ts';

/** A running contestant, with the Runtime API that it asks for events. */
export interface Contestant {
  readonly api: FakeRuntimeApi;
  readonly pids: readonly number[];
  /** Milliseconds from the start of the first process to the first answer. */
  readonly startTime: number;
  readonly stop: () => Promise<void>;
}

/** Starts a contestant, and resolves when it has answered an event. */
export async function start(name: LambdaContestant, mode: Mode, programs: Programs, peers: Peers): Promise<Contestant> {
  const api = new FakeRuntimeApi();
  const address = await api.listen();
  const answered = api.invoke(jsonEvent);
  const began = performance.now();
  const { pids, stop } = await startOnLambda(name, mode, address, programs, peers);
  expectOk(await answered, mode);
  const startTime = performance.now() - began;
  return {
    api,
    pids,
    startTime,
    stop: async () => {
      await stop();
      await api.close();
    },
  };
}

/** The times of calls that are made one after the other, in milliseconds. */
export async function sequence({ api }: Contestant, event: unknown, calls: number): Promise<number[]> {
  const times: number[] = [];
  while (times.length < calls) {
    const sent = performance.now();
    expectOk(await api.invoke(event), 'one');
    times.push(performance.now() - sent);
  }
  return times;
}

/** Calls of sideBySide. */
export const callsSideBySide = 160;

/** The times of calls that are made eight at a time. */
export async function sideBySide(contestant: Contestant): Promise<number[]> {
  const lanes = Array.from({ length: 8 }, async () => sequence(contestant, jsonEvent, callsSideBySide / 8));
  return (await Promise.all(lanes)).flat();
}

/** The times from the write of each event in the app to its arrival at the Runtime API. */
export async function streamed({ api }: Contestant): Promise<number[]> {
  const times: number[] = [];
  const outcome = await api.invoke(streamEvent, 30_000, {}, (answer) => {
    answer.on('data', (part: Buffer) => {
      const arrived = process.hrtime.bigint();
      for (const [, written] of part.toString('latin1').matchAll(/data: (\d+)\n/g)) {
        times.push(Number(arrived - BigInt(written ?? 0)) / 1e6);
      }
    });
  });
  expectOk(outcome, 'stream');
  if (times.length !== 10) throw new Error(`${times.length} events arrived of a stream of 10`);
  return times;
}

function expectOk(outcome: Outcome, mode: Mode): void {
  const { status, body } = (mode === 'stream' ? streamingFunctionUrl : functionUrl).reply(outcome);
  if (status !== 200) throw new Error(`status ${status}: ${Buffer.from(body).toString().slice(0, 200)}`);
}

function eventOf(method: string, path: string, body: Buffer = Buffer.alloc(0)): unknown {
  const headers = [
    ['host', 'bench.lambda-url.us-east-1.on.aws'],
    ['content-type', 'application/json'],
  ] as const;
  return functionUrl.event({ method, path, query: '', headers, body, timeLimit: 30_000 });
}

export const jsonEvent = eventOf('POST', '/json', jsonBody(1024));
export const imageEvent = eventOf('GET', `/image/${50 * 1024}`);
const streamEvent = eventOf('GET', '/stream');
