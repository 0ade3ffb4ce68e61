import { headerValue } from '../../http/headers.ts';
import type { Header } from '../../http/message.ts';
import { outerAddress, outerPrefix, type OuterAddress } from '../../http/outer-address.ts';
import type { HttpEvent } from './http-event.ts';

/**
 * The URL of a request to the service in front of the function. The host of an API Gateway is its domain name; that of
 * a load balancer and of VPC Lattice is the `Host` of the request. A load balancer sets `X-Forwarded-Proto` itself
 * (elasticloadbalancing user guide: x-forwarded-headers); all others are called by https.
 *
 * @param headers of the caller @param ownPath the path without the service's prefix
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
