import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from '../../core/http/public-address.ts';

/** The code of the error that a connection to a refused address fails with. */
export const refusedAddressCode = 'MODELWHISK_ADDRESS_REFUSED';

/**
 * An agent whose connections reach public addresses only.
 *
 * The address that is checked is the one that is connected to, so neither its spelling nor a name that resolves
 * differently the second time (DNS rebinding) gets past. One refused address among several refuses the name.
 */
export function publicAgent(url: URL, lookup: LookupFunction): http.Agent {
  const host = url.hostname.replaceAll(/[[\]]/g, '');
  // A literal address is connected to without a lookup.
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw refusal();
  return unrestrictedAgent(url, publicLookup(lookup));
}

/** An agent for a host on the allow-list. */
export function unrestrictedAgent(url: URL, lookup: LookupFunction): http.Agent {
  // Kept alive, because node-fetch takes a chunked reply with trailers for a broken one when the connection closes
  // before all of it has been read.
  const options = { keepAlive: true, lookup };
  // Whatever an Express app in this process has set NODE_TLS_REJECT_UNAUTHORIZED to.
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
