/** The hint for a body that the JSON of the host's default calls cannot carry. */
export const forwardingHint =
  'set "enableForwardingHttpRequest" (or "enableProxyingHttpRequest") to true under "customHandler" in host.json';
