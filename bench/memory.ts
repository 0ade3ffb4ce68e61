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
import { jsonWorkload, smallImage } from './workloads.ts';

/** Resident set after the start and after activations, compared with the same app and with a bare node:http server. */
export async function benchMemory(programs: Programs, effort: number): Promise<Section> {
  const calls = Math.round(10_000 * effort);
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
    text: table(['MB', 'after start', `after ${calls / 2} calls`, `after ${calls} calls`], rows),
    aims: [...compared('an Express app', express, app), ...compared('an http model server', http, server)],
  };
}

type Sizes = readonly [start: number, half: number, end: number];

async function measure(program: Program, first: Buffer, request: Buffer, calls: number): Promise<Sizes> {
  const running = await startProgram(program, first);
  const connections = openConnections(running.port, 1);
  const start = await residentSet(running.pid);
  await callAll(connections, request, calls / 2);
  const half = await residentSet(running.pid);
  await callAll(connections, request, calls / 2);
  const end = await residentSet(running.pid);
  for (const connection of connections) connection.close();
  await running.stop();
  return [start, half, end];
}

function megabytes(sizes: Sizes): string[] {
  return sizes.map((bytes) => (bytes / 2 ** 20).toFixed(0));
}

function compared(what: string, own: Sizes, other: Sizes): readonly Aim[] {
  const atStart = own[0] / other[0];
  const atEnd = own[2] / other[2];
  const growth = own[2] / own[1] - 1;
  return [
    {
      aim: `memory, ${what}: at most 1.3 × the server by itself`,
      measured: `${atStart.toFixed(2)} × after start, ${atEnd.toFixed(2)} × at the end`,
      met: atStart <= 1.3 && atEnd <= 1.3,
    },
    {
      aim: `memory, ${what}: flat over the second half`,
      measured: `${(growth * 100).toFixed(0)} % more`,
      met: growth < 0.05,
    },
  ];
}
