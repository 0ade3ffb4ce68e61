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

/** What `--predict` says. */
export interface PredictFlag {
  readonly method: string;
  readonly path: string;
  /** As rows have it, not yet checked; undefined where the flag names none. */
  readonly input: object | undefined;
}

/**
 * Reads `--predict`: `[METHOD] /PATH [file:FIELD | json | raw | query]`, for example `POST /model/predict file:image`.
 * `raw` is a body that is the file itself; `raw:image/png` says what type it has where the caller does not.
 */
export function parsePredict(flag: string): PredictFlag {
  const [, method = 'POST', path, input] =
    /^(?:(GET|POST|PUT) +)?(\/\S*)(?: +(file:\S+|json|raw(?::\S+)?|query))?$/.exec(flag.trim()) ?? [];
  if (path === undefined)
    throw new ConfigurationError('--predict', flag, '"[METHOD] /PATH [file:FIELD | json | raw | query]"');
  return { method, path, input: input === undefined ? undefined : inputOf(input) };
}

/**
 * The predict route of a row, not yet checked.
 *
 * @param known that of the recognised server, which stays as far as the flag says nothing else
 */
export function predictRoute({ method, path, input }: PredictFlag, known: ModelRow['predict'] | undefined): object {
  if (input !== undefined) return { method, path, input };
  return { ...known, method, path, input: known?.input ?? { kind: method === 'GET' ? 'query' : 'json' } };
}

function inputOf(input: string): object {
  const [, kind, detail] = /^([a-z]+)(?::(.*))?$/.exec(input) ?? [];
  if (kind === 'file') return { kind, field: detail, filename: 'file', contentType: 'application/octet-stream' };
  return kind === 'raw' && detail !== undefined ? { kind, contentType: detail } : { kind };
}
