import type { ModelInput, ModelRow } from '../core/row.ts';
import { actionUrl, curlCommand } from '../deploy/curl.ts';
import { placeholders } from '../image/catalogue/template.ts';
import { columnWidths, table, tableWidth } from './table.ts';

export interface ListOptions {
  /** Whether to print the rows as JSON. Default false. */
  readonly json?: boolean | undefined;
  /** Width of the terminal. Undefined without a terminal. */
  readonly columns?: number | undefined;
}

/** The catalogue as a table, one line per row, or as JSON. */
export function listModels(rows: readonly ModelRow[], { json = false, columns }: ListOptions = {}): string {
  if (json) return JSON.stringify(rows, undefined, 2);
  const lines = rows.map((row) => ({
    NAME: row.name,
    INPUT: inputOf(row),
    OUTPUT: row.predict.output,
    PORT: row.server.kind === 'http' ? String(row.server.port) : '-',
    MEMORY: `${String(row.memory)} MB`,
    TITLE: row.title + (row.template ? ' (template)' : ''),
  }));
  const all = ['NAME', 'INPUT', 'OUTPUT', 'PORT', 'MEMORY', 'TITLE'] as const;
  const cellsOf = (dropped: readonly string[]): readonly (readonly string[])[] => {
    const headings = all.filter((heading) => !dropped.includes(heading));
    return [headings, ...lines.map((line) => headings.map((heading) => line[heading]))];
  };
  const fitting = ['OUTPUT', 'PORT', 'INPUT', 'MEMORY']
    .map((_, index, order) => cellsOf(order.slice(0, index)))
    .find((cells) => columns === undefined || tableWidth(columnWidths(cells).slice(0, -1)) + shortTitle <= columns);
  return table(fitting ?? cellsOf(['OUTPUT', 'PORT', 'INPUT', 'MEMORY']), { columns });
}

/** The width that the title keeps before another column is shown. */
const shortTitle = 24;

/** One row with all details and a curl command that calls the model, or as JSON with `curl` added. */
export function showModel(row: ModelRow, { json = false, columns }: ListOptions = {}): string {
  const curl = curlCommand(row, actionUrl(row));
  if (json) return JSON.stringify({ ...row, curl }, undefined, 2);
  const facts = [
    ['name', row.name],
    ['title', row.title],
    ['image', [row.image, ...row.images].join(', ')],
    ['license', row.license],
    ['source', row.source],
    ['server', serverOf(row)],
    ['ready', readyOf(row)],
    ['predict', `${row.predict.method} ${row.predict.path} → ${row.predict.output}`],
    ['input', inputDetails(row)],
    ['query', row.predict.parameters.map(parameterOf).join(', ')],
    ['routes', row.routes.map((route) => `${route.method} ${route.path}`).join(', ')],
    ['batch', batchOf(row)],
    ['memory', `${String(row.memory)} MB`],
    ['gpu', row.gpu?.toString()],
    ['set', row.template ? placeholders(row).join(', ') : undefined],
    ['note', row.note],
  ].flatMap(([label, value]) => (label === undefined || value === undefined || value === '' ? [] : [[label, value]]));
  // Not part of the table, because a command to paste must not be wrapped.
  const label = 'curl'.padEnd(tableWidth(columnWidths(facts).slice(0, 1)));
  return `${table(facts, { columns, last: 'wrapped' })}\n${label}${curl}`;
}

function batchOf({ batch }: ModelRow): string | undefined {
  if (batch === undefined) return undefined;
  const { method, path, input, output, largest, wait } = batch;
  return `${method} ${path}: up to ${largest} of ${input || 'the list'} → ${output || 'the list'}, ${wait} ms`;
}

function inputOf({ predict }: ModelRow): string {
  return predict.input.kind === 'file' ? `file ${predict.input.field}` : predict.input.kind;
}

function inputDetails({ predict: { input } }: ModelRow): string {
  switch (input.kind) {
    case 'file': {
      const enforced = input.contentTypeEnforced ? ', which the model insists on' : '';
      return `file in part ${input.field}, by default ${input.filename} as ${input.contentType}${enforced}`;
    }
    case 'json':
      return input.fields.length > 0 ? `JSON: ${input.fields.map(parameterOf).join(', ')}` : 'JSON';
    case 'raw':
      return `the file as the whole body, by default as ${input.contentType}`;
    case 'query':
      return 'query parameters only';
  }
}

function parameterOf(value: Parameter | JsonField): string {
  const details = [
    value.type,
    ...(value.required ? ['required'] : []),
    ...(value.default === undefined ? [] : [`default ${JSON.stringify(value.default)}`]),
    ...('values' in value && value.values !== undefined ? [`one of ${value.values.join(' ')}`] : []),
  ];
  return `${value.name} (${details.join(', ')})`;
}

type Parameter = ModelRow['predict']['parameters'][number];
type JsonField = Extract<ModelInput, { kind: 'json' }>['fields'][number];

function serverOf({ server }: ModelRow): string {
  if (server.kind === 'express') return `Express app ${server.export} of ${server.module}`;
  return [
    `port ${String(server.port)}`,
    ...(server.command === undefined ? [] : [`command ${JSON.stringify(server.command)}`]),
    ...Object.entries(server.environment ?? {}).map(([name, value]) => `${name}=${value}`),
  ].join(', ');
}

function readyOf({ server }: ModelRow): string | undefined {
  if (server.kind === 'express') return undefined;
  const { ready } = server;
  switch (ready.kind) {
    case 'port':
      return 'once the port is open';
    case 'get':
      return `once GET ${ready.path} answers ${ready.status.join('–')}`;
    case 'json':
      return `once ${ready.field} of GET ${ready.path} is ${ready.equals}`;
  }
}
