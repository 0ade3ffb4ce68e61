import { join } from 'node:path';

/** `server` of a row for the Express app in echo-app.ts. */
export const echoServer = { kind: 'express', module: join(import.meta.dirname, 'echo-app.ts'), export: 'app' } as const;

/** What the app answers to a request without a route of its own. */
export interface Echo {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** In base64. */
  readonly body: string;
}
