import type { IncomingHttpHeaders } from 'node:http';

/**
 * The request's id and trace for the log, as the platform or a proxy in front of it names them:
 *
 * - id: `X-Request-Id` (Envoy, and so Knative and Code Engine);
 * - trace: `traceparent` ([Trace Context](https://www.w3.org/TR/trace-context/#traceparent-header)), else
 *   `X-Cloud-Trace-Context` (Cloud Run), else `X-Amzn-Trace-Id` (AWS load balancers).
 *
 * Both are undefined if no such header is there, and if its value is not an id.
 */
export function readTrace(headers: IncomingHttpHeaders): {
  readonly id: string | undefined;
  readonly traceId: string | undefined;
} {
  const match = (name: string, pattern: RegExp): string | undefined => pattern.exec(String(headers[name] ?? ''))?.[1];
  return {
    id: match('x-request-id', /^([\w.:=+/-]{1,200})$/),
    traceId:
      match('traceparent', /^[\da-f]{2}-([\da-f]{32})-/i) ??
      match('x-cloud-trace-context', /^([\da-f]{32})(?:\/|;|$)/i) ??
      match('x-amzn-trace-id', /(?:^|;)Root=([\w-]{1,100})(?:;|$)/i),
  };
}
