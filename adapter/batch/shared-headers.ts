import type { Header } from '../http/message.ts';

/**
 * The headers of a call that may affect its reply. Calls share a request only if these are equal, and the request has
 * only these: headers about one call, its connection or its client are dropped.
 */
export function sharedHeaders(headers: readonly Header[]): readonly Header[] {
  return headers.filter(([name]) => !ofOneCall.test(name));
}

/** Equal for equal headers, with any order and spelling of their names. */
export function headersKey(headers: readonly Header[]): string {
  const named = headers.map(([name, value]) => [name.toLowerCase(), value] as const);
  return JSON.stringify(named.toSorted(([one], [other]) => (one < other ? -1 : Number(one > other))));
}

/**
 * Headers of the connection (RFC 9110, sections 7.6.1, 8.6 and 10.1.1), of the client, of tracing (W3C Trace Context
 * and Baggage, B3, and the platforms' own), and headers that the adapter adds to a call.
 */
const ofOneCall = new RegExp(
  `^(?:${[
    'accept-encoding|connection|content-length|date|expect|keep-alive|te|via',
    'forwarded|x-forwarded-(?:for|port)|x-real-ip|true-client-ip|x-envoy-.*|cf-.*',
    'user-agent|referer|priority|dnt|sec-.*|postman-token',
    'traceparent|tracestate|baggage|b3|x-b3-.*|x-cloud-trace-context|x-datadog-.*|grpc-trace-bin|k-proxy-request',
    '(?:x-)?(?:request|correlation)-?id|x-client-request-id|x-amzn-(?:trace-id|requestid)|x-scf-request-id',
    'x-openwhisk-(?:activation-id|transaction-id|deadline)|x-azure-functions-invocationid',
  ].join('|')})$`,
  'i',
);
