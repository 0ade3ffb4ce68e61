import { ConfigurationError } from '../../core/errors.ts';
import { parseConfiguration } from '../../core/parse.ts';
import type { ModelRow, ReadyCheck } from '../../core/row.ts';
import { parseRow } from './catalogue.ts';
import { containerConfig } from '../engines/wrap-config.ts';
import { type PredictFlag, predictRoute } from './route-flags.ts';
import { recognise, type ImageFacts } from './identify.ts';
import { fillTemplate, placeholders, plainName } from './template.ts';

export interface GuessRequest {
  /** Reference of the image, as for docker pull. */
  readonly image: string;
  /** The `config` of the image configuration (OCI image specification), or docker inspect's `Config`. */
  readonly config: unknown;
  readonly catalogue: readonly ModelRow[];
  /** `--port`: where the model server listens. Default: what the image exposes. */
  readonly port?: number | undefined;
  /** `--ready`, see parseReady. Default: once the port is open. */
  readonly ready?: ReadyCheck | undefined;
  /** `--predict`, see parsePredict. Default: that of the recognised server, else `POST /predict json`. */
  readonly predict?: PredictFlag | undefined;
  /** `--env NAME=VALUE`: variables for the model server, for example to move its port away from 8080. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** `--set NAME=VALUE`: what fills in the template of a recognised server. */
  readonly set?: Readonly<Record<string, string>> | undefined;
}

export interface Guess {
  readonly row: ModelRow;
  /** What was guessed and from what, a line each; empty when everything was said. */
  readonly guesses: readonly string[];
}

/**
 * Makes a row for an image that the catalogue does not name, from what its image configuration tells.
 *
 * @throws ConfigurationError naming the flag to give where the image does not tell enough
 */
export function guessRow(request: GuessRequest): Guess {
  const facts = readFacts(request.image, request.config);
  const guesses: string[] = [];
  const base = startingRow(request, facts, guesses);
  const server = serverOf(request, facts, base, guesses);
  const predict = predictOf(request, base, guesses);
  const { image } = request;
  const row = parseRow(
    {
      title: image,
      ...base,
      name: plainName(image),
      image,
      images: [],
      server,
      predict,
      sample: sampleOf(request, base),
    },
    `row guessed for ${image}`,
  );
  return { row, guesses };
}

function readFacts(image: string, config: unknown): ImageFacts {
  const { Entrypoint, Cmd, Env, ExposedPorts, Labels } = parseConfiguration(
    containerConfig,
    config,
    `configuration of ${image}`,
  );
  const ports = Object.keys(ExposedPorts ?? {}).flatMap((port) => /^(\d+)(?:\/tcp)?$/.exec(port)?.slice(1) ?? []);
  return {
    image,
    start: [...(Entrypoint ?? []), ...(Cmd ?? [])].join(' '),
    ports: ports.map(Number).toSorted((left, right) => left - right),
    labels: Object.keys(Labels ?? {}),
    environment: new Map((Env ?? []).map((pair) => splitOnce(pair))),
  };
}

type StartingRow = Pick<ModelRow, 'title' | 'server' | 'predict' | 'memory' | 'sample'>;

/** The row of a recognised kind of server, filled in; undefined when nothing was recognised. */
function startingRow(request: GuessRequest, facts: ImageFacts, guesses: string[]): StartingRow | undefined {
  const known = recognise(facts, request.catalogue);
  if (known === undefined) return undefined;
  guesses.push(`server: ${known.row.title}, because ${known.because}`);
  const { title, server, predict, memory, sample } = fill(known.row, request);
  return { title, server, predict, memory, sample };
}

function fill(row: ModelRow, { image, set = {} }: GuessRequest): ModelRow {
  return fillTemplate(row, placeholders(row).includes('image') ? { image, ...set } : set);
}

function serverOf(request: GuessRequest, facts: ImageFacts, base: StartingRow | undefined, guesses: string[]): unknown {
  const { ready } = request;
  if (base?.server.kind === 'express') return base.server;
  const known = base?.server ?? { kind: 'http' };
  const port = request.port ?? base?.server.port ?? exposedPort(facts, guesses);
  if (ready === undefined && base === undefined) guesses.push('ready: once the port is open (--ready says otherwise)');
  const environment = { ...base?.server.environment, ...request.environment };
  return { ...known, port, environment, ...(ready === undefined ? {} : { ready }) };
}

function exposedPort({ image, ports, environment }: ImageFacts, guesses: string[]): number {
  const [port, ...others] = ports;
  if (port !== undefined && others.length === 0) {
    guesses.push(`port: ${String(port)}, the one that the image exposes`);
    return port;
  }
  const named = Number(environment.get('PORT'));
  if (Number.isInteger(named) && named > 0 && (ports.length === 0 || ports.includes(named))) {
    guesses.push(`port: ${String(named)}, from PORT in the image's environment`);
    return named;
  }
  const expectation = port === undefined ? 'a port, as the image exposes none' : `one of ${ports.join(', ')}`;
  throw new ConfigurationError(`--port for ${image}`, undefined, expectation);
}

function predictOf(request: GuessRequest, base: StartingRow | undefined, guesses: string[]): unknown {
  if (request.predict !== undefined) return predictRoute(request.predict, base?.predict);
  if (base !== undefined) return base.predict;
  guesses.push('predict: POST /predict json, what most servers have (--predict says otherwise)');
  return { method: 'POST', path: '/predict', input: { kind: 'json' } };
}

/** A sample belongs to the input it was made for. */
function sampleOf(request: GuessRequest, base: StartingRow | undefined): unknown {
  return request.predict === undefined ? base?.sample : undefined;
}

function splitOnce(pair: string): [string, string] {
  const [name = '', ...value] = pair.split('=');
  return [name, value.join('=')];
}
