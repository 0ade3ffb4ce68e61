import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from '../../core/http/public-address.ts';

/** The error code of a connection to a refused address. */
export const refusedAddressCode = 'MODELWHISK_ADDRESS_REFUSED';

/**
 * An agent that connects only to public addresses.
 *
 * It checks the address of the connection itself. So neither an unusual spelling nor a name that resolves differently
 * the second time (DNS rebinding) gets past. One refused address of a name refuses the name.
 */
export function publicAgent(url: URL, lookup: LookupFunction): http.Agent {
  const host = url.hostname.replaceAll(/[[\]]/g, '');
  // Node.js connects to a literal address without a lookup.
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw refusal();
  return unrestrictedAgent(url, publicLookup(lookup));
}

/** An agent for a host on the allow-list. */
export function unrestrictedAgent(url: URL, lookup: LookupFunction): http.Agent {
  // keepAlive, because node-fetch reports a chunked reply with trailers as broken if the connection closes before the
  // whole reply has been read.
  const options = { keepAlive: true, lookup };
  // An Express app in this process may have set NODE_TLS_REJECT_UNAUTHORIZED.
  return url.protocol === 'https:'
    ? new https.Agent({ ...options, rejectUnauthorized: true })
    : new http.Agent(options);
}

function publicLookup(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      if (error) return callback(error, address, family);
      const addresses = typeof address === 'string' ? [address] : address.map((entry) => entry.address);
      if (addresses.every((each) => isPublicAddress(each))) return callback(null, address, family);
      return callback(refusal(), address, family);
    });
  };
}

function refusal(): NodeJS.ErrnoException {
  return Object.assign(new Error('the address is not public'), { code: refusedAddressCode });
}
