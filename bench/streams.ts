import { get, request, type IncomingMessage } from 'node:http';
import { freePort } from '../test/support/free-port.ts';
import { adapterProgram, expressServer, startProgram, type Program, type Programs } from './programs.ts';
import { requestBytes } from './client.ts';
import { table, type Section } from './report.ts';
import { median, quantile } from './statistics.ts';

/** Measures the delay of a stream's events over plain HTTP, and how long one large POST delays other calls. */
export async function benchStreams(programs: Programs, effort: number): Promise<Section> {
  const kinds = [
    ['an Express app, in process', overHttp(adapterProgram(programs, expressServer(programs)))],
    ['an http model server', overHttp(await appAsServer(programs))],
  ] as const;
  const measured = [];
  for (const [name, program] of kinds) {
    const running = await startProgram(program, requestBytes('GET', '/latin1', {}, Buffer.alloc(0)));
    try {
      const delays: number[] = [];
      // The first streams compile what the others run.
      for (let round = -5; round < 20 * effort; round += 1) {
        const [first] = await delaysOf(running.port);
        if (round >= 0) delays.push(first ?? Number.NaN);
      }
      measured.push({
        name,
        first: median(delays),
        late: quantile(delays, 0.99),
        wait: await longestWait(running.port),
      });
    } finally {
      await running.stop();
    }
  }
  const rows = measured.map(({ name, first, late, wait }) => [
    name,
    first.toFixed(2),
    late.toFixed(1),
    wait.toFixed(0),
  ]);
  return {
    text: `${explanation}\n\n${table(['milliseconds', 'first byte, p50', 'p99', 'longest wait'], rows)}`,
    aims: measured.flatMap(({ name, first, wait }) => [
      { aim: `first byte of a stream, ${name}: within 5 ms`, measured: `${first.toFixed(2)} ms`, met: first <= 5 },
      {
        aim: `calls beside one POST of 12 MB of \`[{},…]\`, ${name}: none waits for a second`,
        measured: `${wait.toFixed(0)} ms`,
        met: wait < 1000,
      },
    ]),
  };
}

const explanation = [
  'Plain HTTP. _First byte_: from the write of the first event in the app to its arrival at the caller. _Longest wait_:',
  'small calls, one after the other, beside one POST of 12 MB of `{"a":[{},{},…],"b":"image"}` to a model that takes a file.',
].join('\n');

function overHttp({ argv, environment }: Program): Program {
  return { argv, environment: { ...environment, MODELWHISK_PLATFORM: 'http' } };
}

/** The adapter in front of the bench's app, as a separate process. */
async function appAsServer(programs: Programs): Promise<Program> {
  const port = await freePort();
  const server = { kind: 'http', port, environment: { PORT: String(port) } };
  return adapterProgram(programs, server, { Entrypoint: [process.execPath, programs.path('direct')] });
}

/** The delay of each event of a stream. */
async function delaysOf(port: number): Promise<number[]> {
  const delays: number[] = [];
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/stream', agent: false }, resolve).on('error', reject);
  });
  for await (const part of incoming as AsyncIterable<Buffer>) {
    const arrived = process.hrtime.bigint();
    for (const [, written] of part.toString('latin1').matchAll(/data: (\d+)\n/g)) {
      delays.push(Number(arrived - BigInt(written ?? 0)) / 1e6);
    }
  }
  return delays;
}

/** The slowest of the small calls beside one large POST, in milliseconds. */
async function longestWait(port: number): Promise<number> {
  const state = { isOver: false };
  const large = post(port, Buffer.from(`{"a":[${'{},'.repeat(4_000_000)}{}],"b":"image"}`)).finally(() => {
    state.isOver = true;
  });
  let longest = 0;
  while (!state.isOver) {
    const began = performance.now();
    await post(port, Buffer.from('{}'));
    longest = Math.max(longest, performance.now() - began);
  }
  await large;
  return longest;
}

function post(port: number, body: Buffer): Promise<void> {
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const path = '/model/predict';
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method: 'POST', headers, agent: false });
    outgoing.on('error', reject);
    // The app refuses more than 10 MB, which also ends the call.
    outgoing.on('response', (incoming) => void incoming.resume().on('close', () => resolve()));
    outgoing.end(body);
  });
}
