import { ConfigurationError } from '../../core/errors.ts';

/**
 * Reads `--batch`: `PATH INPUT OUTPUT [KEY=VALUE…]`, the last as in a row's `batch`, for example
 * `/v1/models/iris:predict /instances /predictions largest=16 wait=2 idempotent`. A file's place is `file=FIELD` or
 * `file=FIELD:POINTER`. `off` means that calls share no request.
 *
 * @returns the row's `batch`, not yet validated
 */
export function parseBatch(flag: string): object | 'off' {
  if (flag.trim() === 'off') return 'off';
  const given = flag.trim().split(/\s+/);
  const [method, path, input, output, ...options] = /^(POST|PUT)$/.test(given[0] ?? '') ? given : ['POST', ...given];
  const entries = options.map((option) => batchOption(option));
  if (!path?.startsWith('/') || input === undefined || output === undefined || entries.includes(undefined)) {
    throw new ConfigurationError('--batch', flag, batchExpectation);
  }
  return {
    method,
    path,
    input: pointerOf(input),
    output: pointerOf(output),
    ...(Object.assign({}, ...entries) as object),
  };
}

const batchExpectation =
  '"[METHOD] /PATH INPUT OUTPUT [largest=N] [wait=MS] [bytes=N] [elements=tensors] [idempotent] [file=FIELD[:POINTER]]", or off';

/** "." is the empty string, which cannot be written as a word. */
function pointerOf(word: string): string {
  return word === '.' ? '' : word;
}

function batchOption(option: string): object | undefined {
  const [, name = '', value] = /^([a-z]+)(?:=(.+))?$/.exec(option) ?? [];
  switch (name) {
    case 'largest':
    case 'wait':
    case 'bytes':
      return /^\d{1,10}$/.test(value ?? '') ? { [name]: Number(value) } : undefined;
    case 'elements':
      return { elements: value };
    case 'idempotent':
      return value === undefined ? { idempotent: true } : undefined;
    case 'file': {
      const [, field, at] = /^([^:]+)(?::(.*))?$/.exec(value ?? '') ?? [];
      return field === undefined ? undefined : { file: { field, at: at ?? '/b64' } };
    }
    default:
      return undefined;
  }
}
