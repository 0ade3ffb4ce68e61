import type { IncomingHttpHeaders } from 'node:http';
import type { Header } from '../../http/message.ts';

/** What the platform says of a call in `X-Scf-*` headers (cloud.tencent.com/document/product/583/56126). */
export interface ScfContext {
  /** `X-Scf-Request-Id`. */
  readonly id: string | undefined;
  /** When the platform stops waiting, in epoch milliseconds; undefined when it does not say. */
  readonly end: number | undefined;
  /** What the model server may know of the call, as headers. */
  readonly headers: readonly Header[];
}

/** Reads the headers of a request that has just arrived. `X-Scf-Timeout` is in milliseconds. */
export function readScfContext(headers: IncomingHttpHeaders): ScfContext {
  const valueOf = (name: string): string | undefined => headers[`x-scf-${name}`]?.toString();
  const timeout = Number(valueOf('timeout') ?? Number.NaN);
  return {
    id: valueOf('request-id'),
    end: timeout > 0 ? Date.now() + timeout : undefined,
    headers: [...openNames].flatMap((name) => {
      const value = headers[name]?.toString();
      return value === undefined ? [] : [[name, value] as const];
    }),
  };
}

/**
 * The headers without the platform's own, but for those known to be harmless: `X-Scf-Secret-Id`, `-Secret-Key` and
 * `-Session-Token` are live credentials of the function's role, and others may come to be.
 */
export function withoutCredentials(headers: readonly Header[]): readonly Header[] {
  return headers.filter(([name]) => !/^x-scf-/i.test(name) || openNames.has(name.toLowerCase()));
}

const openNames: ReadonlySet<string> = new Set(
  ['request-id', 'memory', 'timeout', 'version', 'name', 'namespace', 'region', 'appid', 'uin', 'trigger-src'].map(
    (name) => `x-scf-${name}`,
  ),
);
