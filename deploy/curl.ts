import type { ModelRow } from '../core/row.ts';
import { commandLine } from '../core/shell.ts';

/** URL of the row's web action. Default: on the gateway on this machine. */
export function actionUrl(row: ModelRow, apiHost = 'http://127.0.0.1:3233', namespace = 'guest'): string {
  return `${apiHost}/api/v1/web/${namespace}/default/${row.name}`;
}

/**
 * The curl command that sends the row's sample.
 *
 * @param url URL of the predict route: the web action's URL, or a base URL followed by `predict.path`
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
      // curl guesses the type from the file name and does not know .wav, so a model that checks it needs `;type=`.
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
