import { join } from 'node:path';
import { runtimeRow } from '../../core/row.ts';
import { findRow, loadCatalogue, parseRow } from '../../image/catalogue/catalogue.ts';
import { requestBytes } from '../client.ts';
import { freePort } from '../../test/support/free-port.ts';
import { type Program, type Programs, type Running, startProgram } from '../programs.ts';
import { peerProgram } from './peers.ts';

/** A way to serve the digits model. */
export interface ThroughputContestant {
  readonly name: string;
  readonly running: Running;
  /** A call with one image. */
  readonly request: Buffer;
}

export const names = {
  single: 'plain HTTP, each call alone',
  batched: 'plain HTTP, batches',
  gatewaySingle: 'gateway, each call alone',
  gatewayBatched: 'gateway, batches',
  kserveSingle: 'plain HTTP in front of KServe SDK, each call alone',
  kserveBatched: 'plain HTTP in front of KServe SDK, batches',
} as const;

/**
 * Starts all installed contestants one after the other. The gateway is first, because it installs the example's
 * packages.
 */
export async function startThroughputContestants(programs: Programs): Promise<readonly ThroughputContestant[]> {
  const started: ThroughputContestant[] = [];
  try {
    for (const { name, program, request } of await entrants(programs)) {
      const port = await freePort();
      started.push({ name, request, running: await startProgram(program(port), request, port) });
    }
    return started;
  } catch (error) {
    await Promise.all(started.map(({ running }) => running.stop()));
    throw error;
  }
}

interface Entrant {
  readonly name: string;
  readonly program: (port: number) => Program;
  readonly request: Buffer;
}

const root = join(import.meta.dirname, '../..');
const model = join(root, 'examples/digits/model.onnx');
const path = '/v1/models/digits:predict';

async function entrants(programs: Programs): Promise<readonly Entrant[]> {
  const direct = requestTo(path);
  const throughGateway = requestTo(`/api/v1/web/guest/default/digits${path}`);
  return [
    { name: names.gatewaySingle, program: (port) => gateway(port, 'off'), request: throughGateway },
    { name: names.gatewayBatched, program: (port) => gateway(port, 'on'), request: throughGateway },
    { name: names.single, program: () => adapter(programs, digitsRow(), 'off'), request: direct },
    { name: names.batched, program: () => adapter(programs, digitsRow(), 'on'), request: direct },
    ...(await peerEntrants(programs, direct)),
  ];
}

async function peerEntrants(programs: Programs, direct: Buffer): Promise<readonly Entrant[]> {
  const [python, bentoml] = [peerProgram('python'), peerProgram('bentoml')];
  if (python === undefined || bentoml === undefined) return [];
  const script = join(import.meta.dirname, 'kserve_digits.py');
  const kserve = (port: number) => [python, script, model, `--http_port=${port}`] as const;
  const words = ['serve', 'bento_digits:Digits', '--working-dir', import.meta.dirname, '--host', '127.0.0.1', '--port'];
  const inFront = async (name: string, batch: 'on' | 'off'): Promise<Entrant> => {
    const behind = await freePort();
    return { name, program: () => adapter(programs, kserveRow(behind), batch, kserve(behind)), request: direct };
  };
  const environment = { DIGITS_MODEL: model, BENTOML_DO_NOT_TRACK: 'True', HOME: join(root, '.cache/bench') };
  return [
    {
      name: 'KServe SDK, no batches',
      program: (port) => ({ argv: kserve(port), environment: {} }),
      request: direct,
    },
    await inFront(names.kserveSingle, 'off'),
    await inFront(names.kserveBatched, 'on'),
    {
      name: 'BentoML, adaptive batches',
      program: (port) => ({ argv: [bentoml, ...words, String(port)], environment }),
      request: requestTo('/predict'),
    },
  ];
}

function adapter(
  programs: Programs,
  row: object,
  batch: 'on' | 'off',
  entrypoint: readonly string[] | null = null,
): Program {
  return {
    // The digits example is TypeScript here.
    argv: [process.execPath, '--import', 'tsx', programs.adapter],
    environment: {
      MODELWHISK_PLATFORM: 'http',
      MODELWHISK_BATCH: batch,
      MODELWHISK_MODEL: JSON.stringify(row),
      MODELWHISK_BASE: JSON.stringify({ entrypoint, command: null, environment: {} }),
    },
  };
}

function gateway(port: number, batch: 'on' | 'off'): Program {
  const words = ['start', '--port', String(port), '--quiet', '--allow-host', 'bench', '--concurrency', '256', '--inherit', 'MODELWHISK_BATCH']; // prettier-ignore
  return {
    argv: [process.execPath, join(root, 'cli/launch/launch.cjs'), ...words],
    environment: { MODELWHISK_BATCH: batch, HOME: join(root, '.cache/bench') },
  };
}

function digitsRow(): object {
  const row = findRow(loadCatalogue(join(root, 'models.json'), ['digits']), 'digits');
  return runtimeRow({
    ...row,
    server: { kind: 'express', module: join(root, 'examples/digits/src/app.ts'), export: 'app' },
  });
}

function kserveRow(port: number): object {
  return parseRow(
    {
      name: 'digits',
      title: 'Digits',
      image: 'bench/digits',
      server: { kind: 'http', port },
      predict: { path, input: { kind: 'json' } },
      batch: { path, input: '/instances', output: '/predictions', idempotent: true },
    },
    'bench',
  );
}

/** A call with one image, with its numbers from 0 to 1 in the shortest form. */
function requestTo(target: string): Buffer {
  const numbers = Array.from({ length: 28 * 28 }, (_, index) => (index % 10) / 10);
  const image = Array.from({ length: 28 }, (_, row) => numbers.slice(row * 28, (row + 1) * 28));
  const body = Buffer.from(JSON.stringify({ instances: [image] }));
  return requestBytes('POST', target, { 'content-type': 'application/json' }, body);
}
