import { percentEncoded } from '../../core/http/percent.ts';
import type { ModelRow } from '../../core/row.ts';

/**
 * The path on the model server. "" and "/" mean the predict route, if the method is that route's. Other paths stay.
 *
 * @param path the platform's path, percent-encoded or not (see escapePath)
 */
export function modelPath(path: string, method: string, row: ModelRow): string {
  if (path === '' || path === '/') return method === row.predict.method ? row.predict.path : '/';
  return escapePath(path);
}

/**
 * Encodes a path for a request line, whether or not the platform has decoded it: percent-encoding stays unchanged, and
 * only characters that a path may not contain are encoded.
 */
export function escapePath(path: string): string {
  return path.replaceAll(/[^\x21-\x7e]|[#?]|%(?![\da-f]{2})/giu, percentEncoded);
}

/** Encodes only those characters of a query that a request line may not contain. */
export function escapeQuery(query: string): string {
  return query.replaceAll(/[^\x21-\x7e]|#/gu, percentEncoded);
}
