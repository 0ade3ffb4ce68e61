import type http from 'node:http';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';

// A file of its own, so that the two packages are loaded only if there is a proxy. They are CommonJS: the bundler keeps
// the names of what is imported from them here, and not of what `import()` takes from them.

/** An agent that keeps its connections through a proxy: HTTPS goes through a tunnel, HTTP as whole requests. */
export function proxyAgent(protocol: string, proxy: URL, options: http.AgentOptions): http.Agent {
  return protocol === 'https:' ? new HttpsProxyAgent(proxy, options) : new HttpProxyAgent(proxy, options);
}
