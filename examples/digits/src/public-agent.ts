import { lookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/** What a connection to an address that is not public fails with. */
export const refusal = 'the address is not public';

/**
 * An agent that connects to public addresses only. What is checked is the address that is connected to, so a name that
 * resolves differently the second time gets no further. Throws for a URL that holds another address.
 */
export function publicAgent(url: URL): http.Agent {
  const host = url.hostname.replaceAll(/[[\]]/g, '');
  // Node connects to an address without looking it up.
  if (isIP(host) !== 0 && !isPublicAddress(host)) {
    throw new Error(refusal);
  }
  const options = { lookup: publicLookup };
  return url.protocol === 'https:' ? new https.Agent(options) : new http.Agent(options);
}

const publicLookup: LookupFunction = (hostname, options, done) => {
  lookup(hostname, options, (error, address, family) => {
    const addresses = typeof address === 'string' ? [address] : (address?.map((each) => each.address) ?? []);
    const refused = error === null && !addresses.every((each) => isPublicAddress(each));
    done(refused ? new Error(refusal) : error, address, family);
  });
};
