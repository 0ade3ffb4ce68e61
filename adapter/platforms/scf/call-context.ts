import type { IncomingHttpHeaders } from 'node:http';
import type { Header } from '../../http/message.ts';

/** The platform's information about a call in `X-Scf-*` headers (cloud.tencent.com/document/product/583/56126). */
export interface ScfContext {
  /** `X-Scf-Request-Id`. */
  readonly id: string | undefined;
  /** When the platform stops waiting, in epoch milliseconds. Undefined if it does not say. */
  readonly end: number | undefined;
  /** Headers about the call for the model server. */
  readonly headers: readonly Header[];
}

/** Reads the headers of a request. Call it when the request arrives, because `X-Scf-Timeout` counts from now. */
export function readScfContext(headers: IncomingHttpHeaders): ScfContext {
  const valueOf = (name: string): string | undefined => headers[`x-scf-${name}`]?.toString();
  const timeout = Number(valueOf('timeout') ?? Number.NaN);
  return {
    id: valueOf('request-id'),
    end: timeout > 0 ? Date.now() + timeout : undefined,
    headers: [...harmlessNames].flatMap((name) => {
      const value = headers[name]?.toString();
      return value === undefined ? [] : [[name, value] as const];
    }),
  };
}

/**
 * Drops the platform's headers, except those known to be harmless. `X-Scf-Secret-Id`, `-Secret-Key` and
 * `-Session-Token` are credentials of the function's role, and future headers may be secret as well.
 */
export function withoutCredentials(headers: readonly Header[]): readonly Header[] {
  return headers.filter(([name]) => !/^x-scf-/i.test(name) || harmlessNames.has(name.toLowerCase()));
}

const harmlessNames: ReadonlySet<string> = new Set(
  ['request-id', 'memory', 'timeout', 'version', 'name', 'namespace', 'region', 'appid', 'uin', 'trigger-src'].map(
    (name) => `x-scf-${name}`,
  ),
);
