import type { ModelRow } from '../core/row.ts';

/** How to make an OpenWhisk action of an image. */
export interface DeployCommands {
  readonly wsk: string;
  readonly ibmcloud: string;
  /** What to know before running them; undefined when there is nothing. */
  readonly note: string | undefined;
}

/**
 * The commands that make the row's action of an image.
 *
 * @param image reference of the image that was built and pushed
 */
export function deployCommands(row: ModelRow, image: string): DeployCommands {
  const create = ['action', 'create', row.name, '--docker', image, '--web', 'true', '-m', String(row.memory)];
  return {
    wsk: commandLine(['wsk', ...create]),
    ibmcloud: commandLine(['ibmcloud', 'wsk', ...create]),
    note:
      row.memory > stockMemoryLimit
        ? `OpenWhisk allows ${String(stockMemoryLimit)} MB unless its operator raised the limit (CONFIG_whisk_memory_max)`
        : undefined,
  };
}

/** URL of the row's web action; the default is that of the gateway on this machine. */
export function actionUrl(row: ModelRow, apiHost = 'http://127.0.0.1:3233', namespace = 'guest'): string {
  return `${apiHost}/api/v1/web/${namespace}/default/${row.name}`;
}

/**
 * The curl line that sends the row's sample, ready to be pasted into a shell.
 *
 * @param url of the predict route: the web action's own URL, or the model server's with `predict.path` behind it
 */
export function curlCommand(row: ModelRow, url: string): string {
  const { method, output } = row.predict;
  const target = `${url}${queryOf(row)}`;
  const body = bodyArguments(row);
  const implied = body.length > 0 ? 'POST' : 'GET';
  return commandLine([
    'curl',
    ...(method === implied ? [] : ['-X', method]),
    ...body,
    target,
    ...(isText(output) ? [] : ['-o', `result.${output.replace(/^.*\//, '')}`]),
  ]);
}

const stockMemoryLimit = 512;

function queryOf({ sample }: ModelRow): string {
  const query = new URLSearchParams(
    Object.entries(sample?.query ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return query.size > 0 ? `?${query.toString()}` : '';
}

function bodyArguments({ predict: { input }, sample }: ModelRow): readonly string[] {
  switch (input.kind) {
    case 'file': {
      // curl guesses a part's type from the file name and does not know .wav, so a model that insists is told.
      const type = input.contentTypeEnforced ? `;type=${input.contentType}` : '';
      return ['-F', `${input.field}=@${sample?.file ?? input.filename}${type}`];
    }
    case 'json':
      return ['-H', 'Content-Type: application/json', '-d', JSON.stringify(sample?.json ?? {})];
    case 'query':
      return [];
  }
}

function isText(contentType: string): boolean {
  return /^text\/|[/+]json\b/.test(contentType);
}

function commandLine(words: readonly string[]): string {
  return words.map(quote).join(' ');
}

/** POSIX shell quoting: single quotes keep everything but a single quote. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
