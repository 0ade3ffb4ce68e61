import { ModelwhiskError } from '../../../core/errors.ts';
import { parseReference } from '../../../core/reference.ts';
import { loginCommand } from '../../registry/login-errors.ts';

/** The result of a docker command that failed. */
export interface FailedCommand {
  readonly stderr: string;
  readonly isCanceled: boolean;
  readonly code?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The error for a failed docker command, in one line and a hint. Docker has no error codes, only texts.
 *
 * @param words the command's arguments; the last one is the image
 */
export function dockerError(words: readonly string[], failed: FailedCommand): ModelwhiskError {
  const image = words.at(-1) ?? '';
  const said = lastLine(failed.stderr);
  const options = { cause: failed.cause };
  if (failed.isCanceled) return new ModelwhiskError('INTERRUPTED', 'interrupted', options);
  if (failed.code === 'ENOENT') {
    return new ModelwhiskError('NO_ENGINE', 'no docker command on the PATH', { ...options, hint: noEngineHint });
  }
  const rule = rules.find(({ pattern, command }) => pattern.test(said) && (command ?? words[0]) === words[0]);
  return rule === undefined
    ? new ModelwhiskError('DOCKER', `docker ${words[0] ?? ''} failed: ${said}`, {
        ...options,
        hint: 'run again with --verbose to see everything that docker prints',
      })
    : new ModelwhiskError(rule.code, rule.message(image, said), { ...options, hint: rule.hint(image) });
}

interface Rule {
  readonly pattern: RegExp;
  /** The docker command of the rule. Default: any. */
  readonly command?: string;
  readonly code: string;
  readonly message: (image: string, said: string) => string;
  readonly hint: (image: string) => string;
}

// Of several commands: not all of them can work without an engine.
const withoutEngine = 'build, adapter and rewrap can do without it, by --engine registry';
const noEngineHint = `start Docker; ${withoutEngine}`;

const rules: readonly Rule[] = [
  {
    pattern:
      /cannot connect to the docker daemon|is the docker daemon running|error during connect|failed to connect to the docker api/i,
    code: 'NO_ENGINE',
    message: () => 'no Docker engine answers',
    hint: () => noEngineHint,
  },
  {
    pattern: /permission denied.*(docker daemon|docker api|docker\.sock)/i,
    code: 'NO_ENGINE',
    message: () => 'the Docker engine refuses this user',
    hint: () => `add the user to the docker group; ${withoutEngine}`,
  },
  {
    pattern: /no space left on device|disk quota exceeded/i,
    code: 'DISK_FULL',
    message: () => 'there is no space left where Docker keeps its images',
    hint: () => 'docker system df shows what takes it, docker system prune frees some',
  },
  {
    pattern: /toomanyrequests|too many requests|rate limit/i,
    code: 'RATE_LIMIT',
    message: (image) => `the registry of ${image} answers no more for now: its rate limit is reached`,
    hint: () => 'docker login raises the limit; else wait, Docker Hub counts six hours',
  },
  {
    pattern: /no basic auth credentials/i,
    command: 'push',
    code: 'NOT_LOGGED_IN',
    message: (image) => `not logged in to ${registryOf(image)}`,
    hint: (image) => `run ${loginCommand(registryOf(image))}`,
  },
  {
    pattern: /unauthorized|authentication required|incorrect username or password/i,
    command: 'push',
    code: 'CREDENTIALS_REFUSED',
    message: (image) => `${registryOf(image)} refused these credentials`,
    hint: (image) => `run ${loginCommand(registryOf(image))} again`,
  },
  {
    pattern: /denied|forbidden/i,
    command: 'push',
    code: 'PUSH_REFUSED',
    message: (image) => `the registry refuses the push of ${image}`,
    hint: (image) =>
      `check --username, or log in as that user with an access token that may write: ${loginCommand(registryOf(image))}`,
  },
  {
    pattern:
      /no such host|dial tcp|connection refused|i\/o timeout|tls handshake|certificate|server gave http response|context deadline exceeded/i,
    code: 'REGISTRY_UNREACHABLE',
    message: (image, said) => `the registry of ${image} cannot be reached: ${said}`,
    hint: () => 'check the name of the registry and the network',
  },
  {
    pattern: /no matching manifest|does not match the specified platform/i,
    code: 'NO_PLATFORM',
    message: (image) => `${image} does not exist for this platform`,
    hint: () => 'choose another one with --platform',
  },
  {
    pattern:
      /manifest unknown|manifest for .* not found|not found|repository does not exist|pull access denied|unauthorized|denied/i,
    command: 'pull',
    code: 'NO_BASE_IMAGE',
    message: (image) => `there is no image ${image}, or it is private`,
    hint: (image) => `check the name, give another one with --base, or run ${loginCommand(registryOf(image))}`,
  },
];

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}

function registryOf(image: string): string {
  return parseReference(image).registry;
}
