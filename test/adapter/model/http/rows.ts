import type { HttpServerRow } from '../../../../core/row.ts';

/** An http server row with the schema's defaults. */
export function httpRow(row: Partial<HttpServerRow>): HttpServerRow {
  return { kind: 'http', port: 5000, ready: { kind: 'port' }, background: false, forceNoStream: false, ...row };
}
