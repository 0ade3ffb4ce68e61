import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../core/errors.ts';
import { eventually } from '../support/eventually.ts';
import { type Call, readable, type Reply, send, sendDirectly } from './call.ts';
import { commandLines, processesLike } from './processes.ts';
import type { Crash, Failure, ServerCase } from './server-case.ts';
import { launch, type WrappedServer } from './wrapped-server.ts';

/** A check of a wrapped server. Resolves with the observation; rejects if it is wrong. */
export interface Check {
  readonly name: string;
  readonly run: (wrapped: WrappedServer) => Promise<string>;
}

/** The checks of a server that runs, in their order. The last one stops it. */
export function checksOf(server: ServerCase, host: string): readonly Check[] {
  const { refused, reference, stream, crashes, varying } = server;
  const checks: Check[] = [predictCheck(server)];
  if (refused !== undefined) {
    checks.push({ name: 'refusal', run: async (wrapped) => equalToDirect(wrapped, refused, refused, varying) });
  }
  if (reference !== undefined) {
    const files = `http://${host}`;
    const [named, sent] = [reference.named(files), reference.sent(files)];
    checks.push({ name: 'reference', run: async (wrapped) => equalToDirect(wrapped, named, sent, varying, 200) });
  }
  if (stream !== undefined) {
    checks.push({ name: 'stream', run: async (wrapped) => streams(wrapped, stream, varying) });
  }
  for (const crash of crashes) {
    checks.push({ name: 'crash', run: async (wrapped) => answersAfterCrash(wrapped, crash, server) });
  }
  return [...checks, stopCheck];
}

/** The checks for each description of a server. */
export function shortChecksOf(server: ServerCase): readonly Check[] {
  return [predictCheck(server), stopCheck];
}

function predictCheck({ predict, varying }: ServerCase): Check {
  return { name: 'predict', run: async (wrapped) => equalToDirect(wrapped, predict, predict, varying, 200) };
}

/** The reply through the adapter equals the server's direct reply. */
async function equalToDirect(
  { port, direct }: WrappedServer,
  call: Call,
  directCall: Call,
  varying: RegExp | undefined,
  status?: number,
): Promise<string> {
  const expected = await sendDirectly(direct, directCall);
  const reply = await send(port, call);
  const [wanted, got] = [readable(expected, varying), readable(reply, varying)];
  if (wanted !== got) throw new Error(`through the adapter: ${shown(got)}; directly: ${shown(wanted)}`);
  if (status !== undefined && reply.status !== status) throw new Error(`expected status ${status}: ${shown(got)}`);
  if (status === undefined && reply.status < 400) throw new Error(`expected a refusal: ${shown(got)}`);
  return shown(got);
}

/** The pieces arrive over the same time as without the adapter, not all at the end. */
async function streams(
  { port, direct }: WrappedServer,
  stream: NonNullable<ServerCase['stream']>,
  varying: RegExp | undefined,
): Promise<string> {
  const sendStream = async (to: number, by: typeof send): Promise<Reply> =>
    by(to, 'second' in stream ? stream.second((await by(to, stream.first)).body.toString()) : stream);
  const expected = await sendStream(direct, sendDirectly);
  const reply = await sendStream(port, send);
  const [wanted, got] = [readable(expected, varying), readable(reply, varying)];
  if (wanted !== got) throw new Error(`through the adapter: ${shown(got)}; directly: ${shown(wanted)}`);
  const [took = 0, takes = 0] = [reply, expected].map(({ arrivals }) => arrivals.at(-1));
  if (takes < 100) throw new Error(`the server itself does not stream: ${expected.arrivals.join(' ')}`);
  if (took < takes / 2) throw new Error(`the pieces came within ${took} ms, directly within ${takes} ms`);
  return `${reply.arrivals.length} pieces over ${Math.round(took)} ms, directly ${expected.arrivals.length} over ${Math.round(takes)} ms`;
}

/** A call that is sent in the moment after the processes are killed gets its answer, unless the server loses it. */
async function answersAfterCrash(
  { port }: WrappedServer,
  { what, processes, loses }: Crash,
  { predict, varying }: ServerCase,
): Promise<string> {
  const expected = readable(await send(port, predict), varying);
  const victims = await processesLike(processes);
  if (victims.length === 0)
    throw new Error(`no process is ${String(processes)}: ${(await commandLines()).join(' | ')}`);
  for (const pid of victims) process.kill(pid, 'SIGKILL');
  const killed = performance.now();
  const failed: string[] = [];
  while (performance.now() - killed < 90_000) {
    const got = await send(port, predict).then((reply) => readable(reply, varying), messageOf);
    const seconds = ((performance.now() - killed) / 1000).toFixed(1);
    if (got === expected) {
      const seen = `${what} killed: answered after ${seconds} s`;
      if (failed.length === 0) return seen;
      const lost = `${seen}, after ${failed.length} calls with ${[...new Set(failed)].map(shown).join(' and ')}`;
      if (loses !== undefined && failed.every((reply) => /^5\d\d /.test(reply))) return `${lost}: ${loses}`;
      throw new Error(lost);
    }
    failed.push(got);
    await sleep(200);
  }
  throw new Error(`${what} killed: no answer in 90 s, but ${[...new Set(failed)].map(shown).join(' and ')}`);
}

const stopCheck: Check = { name: 'stop', run: stops };

/** SIGTERM ends the adapter with code 0, and the server with all its processes. */
async function stops({ stop }: WrappedServer): Promise<string> {
  const began = performance.now();
  const code = await stop();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const ours = new RegExp(`^${process.pid} |esbuild`);
  const left = (await commandLines()).filter((line) => !ours.test(line));
  if (code !== 0) throw new Error(`exit code ${String(code)} after ${seconds} s`);
  if (left.length > 0) throw new Error(`left running: ${left.join(' | ')}`);
  return `exit code 0 after ${seconds} s, nothing left`;
}

/** A start that fails: the adapter exits with the reason, long before its time limit. */
export async function failsToStart(server: ServerCase, host: string, { environment, says }: Failure): Promise<string> {
  const began = performance.now();
  const wrapped = await launch(server, server.described[0], host, environment);
  try {
    await eventually(`it says ${String(says)}`, wrapped.output, (output) => says.test(output), 120);
    await eventually('the adapter ends', wrapped.ended, Boolean, 60);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    return `after ${seconds} s: ${shown(says.exec(wrapped.output())?.[0] ?? '')}`;
  } catch (error) {
    throw new Error(`${messageOf(error)}: ${wrapped.output()}`, { cause: error });
  } finally {
    await wrapped.stop();
  }
}

function shown(text: string): string {
  const plain = text.replaceAll(/[^\x20-\x7e]+/g, '·');
  return plain.length > 160 ? `${plain.slice(0, 160)}…` : plain;
}
