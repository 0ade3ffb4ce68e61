import { requestBytes } from './client.ts';
import {
  adapterProgram,
  expressServer,
  httpServerProgram,
  nodeProgram,
  startProgram,
  type Program,
  type Programs,
} from './programs.ts';
import { type Section, table } from './report.ts';
import { median, quantile, rotate } from './statistics.ts';

/** Time from starting the process to its first answer. The subjects take turns in every round. */
export async function benchColdStart(programs: Programs, effort: number): Promise<Section> {
  const express = 'modelwhisk, Express, to /init answered';
  const app = 'the same app listening by itself';
  const http = 'modelwhisk, http model server, to /init answered';
  const server = 'the same server by itself';
  const launched = 'the same server started by a Node.js that does nothing else';
  const subjects: readonly (readonly [name: string, program: () => Program | Promise<Program>])[] = [
    [express, () => adapterProgram(programs, expressServer(programs))],
    [app, () => nodeProgram(programs.path('direct'))],
    [http, () => httpServerProgram(programs)],
    [server, () => nodeProgram(programs.path('http-server'))],
    [launched, () => launcherProgram(programs)],
  ];
  const times = new Map(subjects.map(([name]) => [name, [] as number[]]));
  for (let round = -1; round < 20 * effort; round += 1) {
    for (const [name, program] of rotate(subjects, round + 1)) {
      const running = await startProgram(await program(), initRequest);
      if (round >= 0) times.get(name)?.push(running.startTime);
      await running.stop();
    }
  }
  const of = (name: string): number => median(times.get(name) ?? []);
  const ratio = of(express) / of(app);
  const later = of(http) - of(server);
  const rows = [...times].map(([name, values]) => [
    name,
    median(values).toFixed(0),
    Math.min(...values).toFixed(0),
    quantile(values, 0.9).toFixed(0),
  ]);
  const limit = [
    `Before it can start anything, Node.js takes ${(of(launched) - of(server)).toFixed(0)} ms to start; the adapter itself takes ${(of(http) - of(launched)).toFixed(0)} ms.`,
    'By the profile, V8 spends a fifth of that on the adapter’s own source, which is one file for all platforms, and the',
    'rest on modules of Node.js and on supertest. Node.js 20 keeps no compiled code from one start to the next.',
  ].join('\n');
  const aims = [
    {
      aim: 'cold start, Express: at most 1.2 × the app by itself',
      measured: `${ratio.toFixed(2)} ×`,
      met: ratio <= 1.2,
      limit,
    },
    {
      aim: 'cold start, http model server: at most 20 ms later than the server alone',
      measured: `${later.toFixed(0)} ms`,
      met: later <= 20,
      limit,
    },
  ];
  return { text: table(['milliseconds', 'median', 'least', 'p90'], rows), aims };
}

function launcherProgram(programs: Programs): Program {
  return { argv: [process.execPath, programs.path('launcher'), programs.path('http-server')], environment: {} };
}

/** An empty `POST /init`. Any answer counts, also a 404. */
const initRequest = requestBytes('POST', '/init', { 'content-type': 'application/json' }, Buffer.from('{}'));
