import { ConfigurationError } from '../../core/errors.ts';
import { parseConfiguration } from '../../core/parse.ts';
import type { ModelRow } from '../../core/row.ts';
import { containerConfig } from '../container-config.ts';
import { parseRow } from './catalogue.ts';
import type { GuessRequest } from './guess-request.ts';
import { guessServer, type StartingRow } from './guess-server.ts';
import { recognise } from './identify.ts';
import type { ImageFacts } from './image-facts.ts';
import { predictRoute } from './route-flags.ts';
import { fillTemplate, placeholders, plainName } from './template.ts';

export interface Guess {
  readonly row: ModelRow;
  /** One line for each guess and its reason. Empty if nothing was guessed. */
  readonly guesses: readonly string[];
  /** What the user can do if the server listens on the adapter's own port. */
  readonly portHint: string;
}

/**
 * Makes a row for an image that the catalogue does not name, from what its image configuration tells.
 *
 * @throws ConfigurationError naming the flag to give if the image does not tell enough
 */
export function guessRow(request: GuessRequest): Guess {
  const facts = readFacts(request.image, request.config);
  const guesses: string[] = [];
  const base = startingRow(request, facts, guesses);
  const server = guessServer(request, facts, base, guesses);
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
      batch: batchOf(request, base),
      routes: (request.routes ?? []).map((route) => predictRoute(route, undefined)),
      sample: sampleOf(request, base),
    },
    `row guessed for ${image}`,
  );
  return { row, guesses, portHint: `${takesPortHint}. ${templateHint(request)}` };
}

function readFacts(image: string, config: unknown): ImageFacts {
  const setting = `configuration of ${image}`;
  const { Entrypoint, Cmd, Env, ExposedPorts, Labels } = parseConfiguration(containerConfig, config, setting);
  const ports = Object.keys(ExposedPorts ?? {}).flatMap((port) => /^(\d+)(?:\/tcp)?$/.exec(port)?.slice(1) ?? []);
  return {
    image,
    entrypoint: Entrypoint ?? [],
    command: Cmd ?? [],
    ports: ports.map(Number).toSorted((left, right) => left - right),
    labels: new Map(Object.entries(Labels ?? {})),
    environment: new Map((Env ?? []).map((pair) => splitOnce(pair))),
  };
}

/** The row of a recognised kind of server, filled in; undefined when nothing was recognised. */
function startingRow(request: GuessRequest, facts: ImageFacts, guesses: string[]): StartingRow | undefined {
  const known = request.express === undefined ? recognise(facts, request.catalogue) : undefined;
  if (known === undefined) {
    const [name] = Object.keys(request.set ?? {});
    if (name === undefined) return undefined;
    throw new ConfigurationError('--set', name, `no value: ${request.image} is of no kind of server that asks for one`);
  }
  guesses.push(`server: ${known.row.title}, because ${known.because}`, ...(request.predict ? [] : known.guesses));
  const { title, server, predict, batch, memory, gpu, sample } = fill(known.row, request);
  return { title, server, predict, batch, memory, gpu, sample };
}

/** Only what the function needs must be filled in; a sample that cannot be is left out. */
function fill(row: ModelRow, { image, set = {} }: GuessRequest): ModelRow {
  const allowed = placeholders(row);
  const values = allowed.includes('image') ? { image, ...set } : set;
  const { name, title, server, predict, batch, memory, gpu, template, sample } = row;
  const needed = { name, title, image, images: [], routes: [], server, predict, batch, memory, gpu, template };
  const isFilled = placeholders({ sample }).every((placeholder) => values[placeholder] !== undefined);
  const filling = isFilled ? { ...needed, sample } : needed;
  const known = placeholders(filling);
  // Values for placeholders of the row that are not needed here are accepted. Any other name is a mistake.
  const given = Object.entries(values).filter(([each]) => known.includes(each) || !allowed.includes(each));
  return fillTemplate(filling, Object.fromEntries(given));
}

const takesPortHint =
  'Move it: give the server another port by its own variable or flag, and name that port here, for example ' +
  '--port 8090 --env PORT=8090, --port 8090 --arg --port=8090, or --port 8090 --command "serve --port 8090"';

function templateHint({ image, catalogue }: GuessRequest): string {
  const names = catalogue.filter(({ template }) => template).map(({ name }) => name);
  return `If the server is one of ${names.join(', ')}, its template does all of this: --models NAME --base ${image}`;
}

function predictOf(request: GuessRequest, base: StartingRow | undefined, guesses: string[]): unknown {
  if (request.predict !== undefined) return predictRoute(request.predict, base?.predict);
  if (base !== undefined) return base.predict;
  const example = request.express === undefined ? '' : `, for example "POST /classify file:image"`;
  guesses.push(`predict: POST /predict json, what most servers have (--predict says otherwise${example})`);
  return { method: 'POST', path: '/predict', input: { kind: 'json' } };
}

/** Like the sample, the list route belongs to the predict route that the template has. */
function batchOf({ batch, predict }: GuessRequest, base: StartingRow | undefined): unknown {
  if (batch === 'off') return undefined;
  return batch ?? (predict === undefined ? base?.batch : undefined);
}

/** A sample belongs to the input it was made for. */
function sampleOf(request: GuessRequest, base: StartingRow | undefined): unknown {
  return request.predict === undefined ? base?.sample : undefined;
}

function splitOnce(pair: string): [string, string] {
  const [name = '', ...value] = pair.split('=');
  return [name, value.join('=')];
}
