import { join } from 'node:path';
import { Connection, type Reply } from './client.ts';
import type { Peers } from './peers.ts';
import {
  adapterProgram,
  expressServer,
  nodeProgram,
  startProgram,
  type Program,
  type Programs,
  type Running,
} from './programs.ts';
import { bytesWorkloads, jsonWorkload, plain, unwrap, workloads, type Workload } from './workloads.ts';

/** A running contestant. */
export interface Contestant {
  readonly name: string;
  readonly running: Running;
  /** Whether it is called through `/run`, like the platform. If not, it is the app itself. */
  readonly behindRun: boolean;
  /** Whether it calls the same Express app in its own process, like modelwhisk. */
  readonly inProcess: boolean;
  /** The workloads with wrong replies. */
  readonly wrong: readonly string[];
  readonly request: (workload: Workload) => Buffer;
}

export const adapterName = 'modelwhisk';
export const directName = 'direct';
export const floorName = 'floor';
export const pythonName = 'Python (Flask → test client)';

/** Starts all contestants and checks their replies. */
export async function startContestants(programs: Programs, peers: Peers): Promise<readonly Contestant[]> {
  const versioned = (name: string): string => `${name} ${peers.versions[name] ?? ''}`;
  const python: Program = { argv: [peers.python, join(import.meta.dirname, 'programs/python.py')], environment: {} };
  return Promise.all([
    start(adapterName, adapterProgram(programs, expressServer(programs))),
    start(directName, nodeProgram(programs.path('direct'))),
    start(floorName, nodeProgram(programs.path('floor'))),
    start('supertest(app)', nodeProgram(programs.path('supertest'))),
    start(versioned('serverless-http'), nodeProgram(programs.path('serverless-http'))),
    start(versioned('@codegenie/serverless-express'), nodeProgram(programs.path('serverless-express'))),
    start(pythonName, python),
  ]);
}

async function start(name: string, program: Program): Promise<Contestant> {
  const behindRun = name !== directName;
  const request = (workload: Workload): Buffer => (behindRun ? workload.run : workload.direct);
  const running = await startProgram(program, request(jsonWorkload));
  const wrong = name === floorName ? [] : await findWrong(running, request, behindRun ? unwrap : plain);
  const inProcess = behindRun && name !== floorName && name !== pythonName;
  return { name, running, behindRun, inProcess, wrong, request };
}

async function findWrong(
  running: Running,
  request: (workload: Workload) => Buffer,
  read: (reply: Reply) => { contentType: string; body: Buffer },
): Promise<string[]> {
  const connection = new Connection(running.port);
  const wrong: string[] = [];
  for (const workload of [...workloads, ...bytesWorkloads]) {
    try {
      const { contentType, body } = read(await connection.exchange(request(workload)));
      if (!workload.isRight(contentType, body)) wrong.push(workload.name);
    } catch {
      wrong.push(workload.name);
    }
  }
  connection.close();
  return wrong;
}
