import { ModelServerError } from '../errors.ts';

/** The call can be repeated: it never reached a server. */
export function isRefused(error: unknown): boolean {
  return error instanceof ModelServerError && codeOf(error.cause) === 'ECONNREFUSED';
}

/** Node's own name of a failure, for example "ECONNRESET". */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
