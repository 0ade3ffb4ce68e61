import { ConfigurationError } from '../../core/errors.ts';
import type { ModelRow, ReadyCheck } from '../../core/row.ts';

/**
 * Reads `--ready`:
 * `port` (once the port is open), `/PATH` (a GET answers 200–399), `/PATH#200` or `/PATH#200-299` (answers such a
 * status), `/PATH#FIELD=VALUE` (answers JSON whose field, keys joined by dots, has the value).
 */
export function parseReady(flag: string): ReadyCheck {
  if (flag === 'port') return { kind: 'port' };
  const [path = '', rest, ...others] = flag.split('#');
  if (path.startsWith('/') && others.length === 0) {
    if (rest === undefined) return { kind: 'get', path, status: [200, 399] };
    const [, lowest, highest = lowest] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(rest) ?? [];
    if (lowest !== undefined && highest !== undefined) {
      return { kind: 'get', path, status: [Number(lowest), Number(highest)] };
    }
    const [, field, equals] = /^([^=]+)=(.*)$/.exec(rest) ?? [];
    if (field !== undefined && equals !== undefined) return { kind: 'json', path, field, equals };
  }
  throw new ConfigurationError('--ready', flag, 'port, /PATH, /PATH#200-299 or /PATH#FIELD=VALUE');
}

/**
 * Reads `--predict`: `[METHOD] /PATH [file:FIELD | json | query]`, for example `POST /model/predict file:image`.
 *
 * @param known the predict route of the recognised server, whose input stays where the flag names none
 */
export function parsePredict(flag: string, known: ModelRow['predict'] | undefined): unknown {
  const [, method = 'POST', path, input] =
    /^(?:(GET|POST|PUT) +)?(\/\S*)(?: +(file:\S+|json|query))?$/.exec(flag.trim()) ?? [];
  if (path === undefined)
    throw new ConfigurationError('--predict', flag, '"[METHOD] /PATH [file:FIELD | json | query]"');
  if (input === undefined) return { ...known, method, path, input: known?.input ?? defaultInput(method) };
  return { method, path, input: inputOf(input) };
}

function defaultInput(method: string): unknown {
  return { kind: method === 'GET' ? 'query' : 'json' };
}

function inputOf(input: string): unknown {
  const [kind, field] = input.split(':');
  return kind === 'file' ? { kind, field, filename: 'file', contentType: 'application/octet-stream' } : { kind };
}
