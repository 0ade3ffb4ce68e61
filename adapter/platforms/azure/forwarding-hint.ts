/** What to do where the host's JSON cannot carry a body: its default way of calling a custom handler. */
export const enableForwarding =
  'set "enableForwardingHttpRequest" (or "enableProxyingHttpRequest") to true under "customHandler" in host.json';
