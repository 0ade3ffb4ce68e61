import type { ModelRow } from '../../core/row.ts';

/**
 * The path on the model server. "" and "/" mean its predict route when the method is that route's; anything else is
 * the server's own path.
 *
 * @param path as the platform gave it, percent-encoded or not (see escapePath)
 */
export function modelPath(path: string, method: string, row: ModelRow): string {
  if (path === '' || path === '/') return method === row.predict.method ? row.predict.path : '/';
  return escapePath(path);
}

/**
 * Makes a path fit for a request line whether or not the platform has decoded it: what is percent-encoded stays as it
 * is, and only what cannot stand in an encoded path is encoded.
 */
export function escapePath(path: string): string {
  return path.replaceAll(/[^\x21-\x7e]|[#?]|%(?![\da-f]{2})/giu, percentEncoded);
}

/** A query without its "?", verbatim but for what cannot stand in a request line. */
export function escapeQuery(query: string): string {
  return query.replaceAll(/[^\x21-\x7e]|#/gu, percentEncoded);
}

function percentEncoded(character: string): string {
  return Buffer.from(character).toString('hex').toUpperCase().replaceAll(/../g, '%$&');
}
