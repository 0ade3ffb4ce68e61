import { callAll, openConnections } from './load.ts';
import {
  adapterProgram,
  expressServer,
  httpServerProgram,
  nodeProgram,
  residentSet,
  startProgram,
  type Program,
  type Programs,
} from './programs.ts';
import { type Aim, type Section, table } from './report.ts';
import { median } from './statistics.ts';
import { jsonWorkload, smallImage } from './workloads.ts';

/** Resident set after the start and after activations, compared with the same app and with a bare node:http server. */
export async function benchMemory(programs: Programs, effort: number): Promise<Section> {
  const calls = Math.round(30_000 * effort);
  const { run, direct } = smallImage;
  const express = await measure(adapterProgram(programs, expressServer(programs)), jsonWorkload.run, run, calls);
  const app = await measure(nodeProgram(programs.path('direct')), jsonWorkload.direct, direct, calls);
  const http = await measure(await httpServerProgram(programs), jsonWorkload.run, run, calls);
  const server = await measure(nodeProgram(programs.path('http-server')), jsonWorkload.direct, direct, calls);
  const rows = [
    ['modelwhisk, Express', ...megabytes(express)],
    ['the same app by itself', ...megabytes(app)],
    ['modelwhisk, http model server (the adapter’s process)', ...megabytes(http)],
    ['a bare node:http server', ...megabytes(server)],
  ];
  return {
    text: table(['MB', 'after start', `third quarter of ${calls} calls`, 'fourth quarter'], rows),
    aims: [
      ...compared('an Express app', express, app),
      ...compared('an http model server', http, server, allProcesses),
    ],
  };
}

/** A garbage collection makes the resident set smaller by a tenth, so that each but the first is a median. */
type Sizes = readonly [start: number, third: number, fourth: number];

async function measure(program: Program, first: Buffer, request: Buffer, calls: number): Promise<Sizes> {
  const running = await startProgram(program, first);
  const connections = openConnections(running.port, 1);
  const start = await residentSet(running.pid);
  const inQuarter = async (): Promise<number> => {
    const sizes: number[] = [];
    while (sizes.length < samples) {
      await callAll(connections, request, calls / 4 / samples);
      sizes.push(await residentSet(running.pid));
    }
    return median(sizes);
  };
  await inQuarter();
  await inQuarter();
  const [third, fourth] = [await inQuarter(), await inQuarter()];
  for (const connection of connections) connection.close();
  await running.stop();
  return [start, third, fourth];
}

/** Of the resident set in each quarter of the calls. */
const samples = 15;

function megabytes(sizes: Sizes): string[] {
  return sizes.map((bytes) => (bytes / 2 ** 20).toFixed(0));
}

const allProcesses = [
  'At the start of its server, the adapter reads /proc of all processes that it sees, by buffers of 64 KB each that the next',
  'garbage collection frees. On this machine there are some ninety, which makes 10 MB; a container has a handful. V8’s heap',
  'for the adapter’s own modules takes 5 MB.',
].join('\n');

function compared(what: string, own: Sizes, other: Sizes, limit?: string): readonly Aim[] {
  const atStart = own[0] / other[0];
  const atEnd = own[2] / other[2];
  const growth = own[2] / own[1] - 1;
  return [
    {
      aim: `memory, ${what}: at most 1.3 × the server by itself`,
      measured: `${atStart.toFixed(2)} × after start, ${atEnd.toFixed(2)} × at the end`,
      met: atStart <= 1.3 && atEnd <= 1.3,
      limit,
    },
    {
      aim: `memory, ${what}: flat over the second half`,
      measured: `${Math.round(growth * 100)} % more`,
      met: growth < 0.05,
    },
  ];
}
