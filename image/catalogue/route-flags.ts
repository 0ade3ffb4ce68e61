import { ConfigurationError } from '../../core/errors.ts';
import type { ModelRow, ReadyCheck } from '../../core/row.ts';

/**
 * Reads `--ready`: `port` (once the port is open), `/PATH` (a GET answers 200–399), `/PATH#200` or `/PATH#200-299`
 * (answers such a status), `/PATH#FIELD=VALUE` (answers JSON whose field, keys joined by dots, has the value), and
 * `/PATH#FIELD=VALUE!FAILED,FAILED` (failed if it is one of the others). `:PORT/PATH` asks another port.
 */
export function parseReady(flag: string): ReadyCheck {
  if (flag === 'port') return { kind: 'port' };
  const [target = '', rest, ...others] = flag.split('#');
  const [, port, path] = /^(?::(\d{1,5}))?(\/.*)$/.exec(target) ?? [];
  const asked = port === undefined ? {} : { port: Number(port) };
  if (path !== undefined && others.length === 0) {
    if (rest === undefined) return { kind: 'get', path, ...asked, status: [200, 399] };
    const [, lowest, highest = lowest] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(rest) ?? [];
    if (lowest !== undefined && highest !== undefined) {
      return { kind: 'get', path, ...asked, status: [Number(lowest), Number(highest)] };
    }
    const [, field, equals, failed] = /^([^=]+)=([^!]*)(?:!(.+))?$/.exec(rest) ?? [];
    if (field !== undefined && equals !== undefined) {
      return {
        kind: 'json',
        path,
        ...asked,
        field,
        equals,
        ...(failed === undefined ? {} : { failed: failed.split(',') }),
      };
    }
  }
  throw new ConfigurationError(
    '--ready',
    flag,
    'port, [:PORT]/PATH, /PATH#200-299 or /PATH#FIELD=VALUE[!FAILED,FAILED]',
  );
}

/** What `--predict` says. */
export interface PredictFlag {
  readonly method: string;
  readonly path: string;
  /** Names of the query parameters; undefined where the flag has no "?". */
  readonly parameters?: readonly string[] | undefined;
  /** The row's `input`, not yet validated. Undefined if the flag names none. */
  readonly input: object | undefined;
}

/**
 * Reads `--predict`: `[METHOD] /PATH[?NAME&NAME…] [file:FIELD | json | raw | query]`, for example
 * `POST /model/predict?top file:image`. The names behind the question mark are the route's query parameters: what a
 * caller gives under such a name beside a file, or in an invocation, goes into the query instead of the form or body.
 * `raw` is a body that is the file itself; `raw:image/png` says what type it has where the caller does not.
 */
export function parsePredict(flag: string, setting = '--predict'): PredictFlag {
  const [, method = 'POST', path, names, input] = predictPattern.exec(flag.trim()) ?? [];
  if (path === undefined) {
    throw new ConfigurationError(setting, flag, '"[METHOD] /PATH[?NAME&NAME] [file:FIELD | json | raw | query]"');
  }
  return { method, path, parameters: names?.split('&'), input: input === undefined ? undefined : inputOf(input) };
}

const predictPattern =
  /^(?:(GET|POST|PUT) +)?(\/[^\s?]*)(?:\?([\w.-]+(?:&[\w.-]+)*))?(?: +(file:\S+|json|raw(?::\S+)?|query))?$/;

/**
 * The predict route of a row, not yet validated.
 *
 * @param known the route of the recognised server; its values are kept where the flag gives none
 */
export function predictRoute(flag: PredictFlag, known: ModelRow['predict'] | undefined): object {
  const { method, path, input } = flag;
  const parameters = flag.parameters === undefined ? {} : { parameters: flag.parameters.map((name) => ({ name })) };
  if (input !== undefined) return { method, path, input, ...parameters };
  const kept = known?.input ?? { kind: method === 'GET' ? 'query' : 'json' };
  return { ...known, method, path, input: kept, ...parameters };
}

function inputOf(input: string): object {
  const [, kind, detail] = /^([a-z]+)(?::(.*))?$/.exec(input) ?? [];
  if (kind === 'file') return { kind, field: detail, filename: 'file', contentType: 'application/octet-stream' };
  return kind === 'raw' && detail !== undefined ? { kind, contentType: detail } : { kind };
}
