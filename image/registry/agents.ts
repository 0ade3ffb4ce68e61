import { lookup as systemLookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';

import { AddressRefused } from './errors.ts';
import { isInnerName, isWithin, type Reach } from './reach.ts';

/** Keeps connections alive: one agent for each protocol, proxy and reach. */
export class AgentPool {
  readonly #agents = new Map<string, Promise<http.Agent>>();
  readonly #lookup: LookupFunction;

  /** @param lookup how host names become addresses; default: as the operating system has it */
  constructor(lookup: LookupFunction = systemLookup) {
    this.#lookup = lookup;
  }

  /**
   * The agent for a URL. Its connections reach only addresses within `reach`. It checks the address that it connects to:
   * neither another spelling nor a name that resolves differently the second time gets past. A proxy resolves names
   * itself; they are also checked here if they can be resolved here.
   *
   * @throws AddressRefused
   */
  async agentFor(url: URL, proxy: URL | undefined, reach: Reach): Promise<http.Agent> {
    if (reach !== 'anywhere') await this.#refuseOutside(url, reach, proxy !== undefined);
    const key = `${url.protocol} ${proxy?.href} ${reach}`;
    const known = this.#agents.get(key);
    if (known !== undefined) return known;
    const lookup = reach === 'anywhere' ? this.#lookup : lookupWithin(reach, this.#lookup);
    const made = proxy === undefined ? direct(url.protocol, lookup) : proxied(url.protocol, proxy);
    this.#agents.set(key, made);
    return made;
  }

  /** Closes the idle connections. */
  close(): void {
    for (const agent of this.#agents.values()) void agent.then((opened) => opened.destroy()).catch(() => undefined);
  }

  async #refuseOutside({ hostname, host }: URL, reach: Reach, hasProxy: boolean): Promise<void> {
    const address = hostname.replaceAll(/[[\]]/g, '');
    // A literal address is connected to without a lookup.
    if (isIP(address) !== 0) {
      if (!isWithin(reach, address)) throw new AddressRefused(host);
      return;
    }
    if (!hasProxy) return;
    if (isInnerName(hostname) || (await this.#resolvesOutside(hostname, reach))) throw new AddressRefused(host);
  }

  async #resolvesOutside(hostname: string, reach: Reach): Promise<boolean> {
    return new Promise((resolve) => {
      lookupWithin(reach, this.#lookup)(hostname, { all: true }, (error) => resolve(error instanceof AddressRefused));
    });
  }
}

const agentOptions = { keepAlive: true };

async function direct(protocol: string, lookup: LookupFunction): Promise<http.Agent> {
  const options = { ...agentOptions, lookup };
  return protocol === 'https:' ? new https.Agent(options) : new http.Agent(options);
}

async function proxied(protocol: string, proxy: URL): Promise<http.Agent> {
  const { proxyAgent } = await import('./proxy-agents.ts');
  return proxyAgent(protocol, proxy, agentOptions);
}

/** A name is refused if one of its addresses is outside. */
function lookupWithin(reach: Reach, lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      if (error) return callback(error, address, family);
      const addresses = typeof address === 'string' ? [address] : address.map((entry) => entry.address);
      if (addresses.every((each) => isWithin(reach, each))) return callback(null, address, family);
      return callback(new AddressRefused(hostname), address, family);
    });
  };
}
