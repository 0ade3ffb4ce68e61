import { longestTimer } from '../../core/longest-timer.ts';
import type { WholeRequest } from '../http/message.ts';
import { onAbort } from '../model/abort.ts';
import type { BatchCall } from './batch-call.ts';
import { sharedHeaders } from './shared-headers.ts';

export interface WholeCall {
  readonly request: WholeRequest;
  /** Must be called when the request has been answered. */
  readonly done: () => void;
}

/**
 * The request for these calls. Its signal is aborted when every caller has disconnected.
 *
 * @param mayRepeat whether it is also aborted halfway to the first caller's deadline: what hangs then may do so for one
 *   input, and each call has the other half of its time to be sent alone
 */
export function wholeRequest(calls: readonly BatchCall[], body: string, mayRepeat: boolean): WholeCall {
  const leaving = new AbortController();
  const { signal } = leaving;
  const deadlines = calls.map(({ request: { deadline } }) => deadline);
  const halfway = Math.min(Math.max((Math.min(...deadlines) - Date.now()) / 2, 0), longestTimer);
  const timer = mayRepeat ? setTimeout(() => leaving.abort(), halfway) : undefined;
  const watched = calls.map(({ request }) =>
    onAbort(request.signal, () => {
      if (calls.every(({ hasLeft }) => hasLeft)) leaving.abort();
    }),
  );
  const { method = '', path = '', query = '', headers = [], outer } = calls[0]?.request ?? {};
  const request: WholeRequest = {
    outer,
    method,
    path,
    query,
    // A compressed reply cannot be divided.
    headers: [...sharedHeaders(headers), ['Accept-Encoding', 'identity']],
    body: Buffer.from(body),
    signal,
    deadline: Math.max(...deadlines),
  };
  const done = (): void => {
    clearTimeout(timer);
    for (const forget of watched) forget();
  };
  return { request, done };
}
