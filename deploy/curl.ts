import type { ModelRow } from '../core/row.ts';
import { commandLine } from '../core/shell.ts';

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
    case 'raw':
      return ['-H', `Content-Type: ${input.contentType}`, '--data-binary', `@${sample?.file ?? 'file'}`];
    case 'json':
      return ['-H', 'Content-Type: application/json', '-d', JSON.stringify(sample?.json ?? {})];
    case 'query':
      return [];
  }
}

function isText(contentType: string): boolean {
  return /^text\/|[/+]json\b/.test(contentType);
}
