import type { Environment } from '../../../core/settings.ts';
import { headerValue } from '../../http/headers.ts';
import type { ModelRequest } from '../../http/message.ts';
import { outerAddress, type OuterAddress } from '../../http/outer-address.ts';

/**
 * The URL under which the service was called. The front ends of Knative and Cloud Run keep `Host` and set
 * `X-Forwarded-Proto`, so other headers are not trusted there (docs/protocols/http.md). Any other front end is the
 * operator's own, and may name host and prefix in `X-Forwarded-Host` and `X-Forwarded-Prefix`.
 */
export function serviceAddress({ headers }: ModelRequest, environment: Environment): OuterAddress | undefined {
  const first = (name: string): string | undefined => headerValue(headers, name)?.split(',')[0]?.trim();
  const protocol = first('x-forwarded-proto') ?? 'http';
  const host = headerValue(headers, 'host');
  if (environment['K_SERVICE']) return outerAddress(protocol, host, '');
  return outerAddress(protocol, first('x-forwarded-host') ?? host, first('x-forwarded-prefix') ?? '');
}
