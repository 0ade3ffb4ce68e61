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
import { table, verdict } from './report.ts';
import { jsonWorkload, smallImage } from './workloads.ts';

/** Resident set after the start and after activations, compared with the same app and with a bare node:http server. */
export async function benchMemory(programs: Programs, effort: number): Promise<string> {
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
  return [
    table(['MB', 'after start', `after ${calls / 2} calls`, `after ${calls} calls`], rows),
    '',
    `- Express: ${compared(express, app)}`,
    `- http model server: ${compared(http, server)}`,
  ].join('\n');
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

function compared(own: Sizes, other: Sizes): string {
  const atStart = own[0] / other[0];
  const atEnd = own[2] / other[2];
  const growth = own[2] / own[1] - 1;
  const percent = (growth * 100).toFixed(0);
  return (
    `${atStart.toFixed(2)} times after start, ${atEnd.toFixed(2)} times at the end; aim at most 1.3: ` +
    `${verdict(atStart <= 1.3 && atEnd <= 1.3)}; ${percent} % more in the second half; aim flat: ${verdict(growth < 0.05)}`
  );
}
