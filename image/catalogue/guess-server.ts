import { ConfigurationError } from '../../core/errors.ts';
import type { ModelRow } from '../../core/row.ts';
import { commandOf } from './command-flags.ts';
import type { GuessRequest } from './guess-request.ts';
import type { ImageFacts } from './image-facts.ts';

/** What a row takes from a recognised kind of server. */
export type StartingRow = Pick<ModelRow, 'title' | 'server' | 'predict' | 'batch' | 'memory' | 'gpu' | 'sample'>;

/**
 * The `server` of a row, not yet validated.
 *
 * @param base what is known of this kind of server
 * @param guesses gets a line for each guess and its reason
 * @throws ConfigurationError for the port if the image does not name a single one, and for flags that do not go together
 */
export function guessServer(
  request: GuessRequest,
  facts: ImageFacts,
  base: StartingRow | undefined,
  guesses: string[],
): unknown {
  const { ready, express } = request;
  if (express !== undefined) return expressServer(request, express);
  if (base?.server.kind === 'express') return base.server;
  const known = base?.server ?? { kind: 'http' };
  const port = request.port ?? base?.server.port ?? exposedPort(facts, guesses);
  if (ready === undefined && base === undefined) guesses.push('ready: once the port is open (--ready says otherwise)');
  const environment = { ...base?.server.environment, ...request.environment };
  const command = commandOf(request, facts, base?.server.command);
  return {
    ...known,
    port,
    environment,
    ...(command === undefined ? {} : { command }),
    ...(ready === undefined ? {} : { ready }),
  };
}

/**
 * The `server` of an Express app.
 *
 * @throws ConfigurationError for a malformed `express`, and for flags of a server that is started
 */
export function expressServer(
  { port, ready, environment, command, args }: Partial<GuessRequest>,
  express: string,
): unknown {
  const others = Object.entries({ port, ready, env: environment, command, arg: args });
  const given = others.find(([, value]) => value !== undefined);
  if (given !== undefined) {
    throw new ConfigurationError(`--${given[0]}`, given[1], 'no such option beside --express, which starts no server');
  }
  const [module, name, ...more] = express.split('#');
  if (!module || name === '' || more.length > 0) {
    throw new ConfigurationError('--express', express, 'MODULE or MODULE#EXPORT, for example /app/dist/app.js#app');
  }
  return { kind: 'express', module, ...(name !== undefined && { export: name }) };
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
