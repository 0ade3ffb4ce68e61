import { headerValue } from '../../http/headers.ts';
import type { Header } from '../../http/message.ts';
import { outerAddress, outerPrefix, type OuterAddress } from '../../http/outer-address.ts';
import type { HttpEvent } from './http-event.ts';

/**
 * The URL under which a request was sent to the service in front of the function, as far as the service tells: an API
 * Gateway by its domain name, a load balancer and VPC Lattice by the `Host` that they have matched. A load balancer sets
 * `X-Forwarded-Proto` itself (elasticloadbalancing user guide: x-forwarded-headers); all others are called by https.
 *
 * @param headers of the caller @param ownPath the path without what the service has put before it
 */
export function functionAddress(
  event: HttpEvent,
  headers: readonly Header[],
  ownPath: string,
): OuterAddress | undefined {
  const host = headerValue(headers, 'host');
  switch (event.kind) {
    case 'rest': {
      const { path, requestContext } = event.event;
      const prefix = outerPrefix(requestContext.path ?? path, ownPath);
      return outerAddress('https', requestContext.domainName ?? host, prefix);
    }
    case 'http':
      return outerAddress(
        'https',
        event.event.requestContext.domainName ?? host,
        outerPrefix(event.event.rawPath, ownPath),
      );
    case 'alb':
      return outerAddress(
        headerValue(headers, 'x-forwarded-proto') ?? 'https',
        host,
        outerPrefix(event.event.path, ownPath),
      );
    case 'lattice':
      return outerAddress('https', host, outerPrefix(event.event.path.replace(/\?.*$/s, ''), ownPath));
  }
}
