import { headerValue } from '../../http/headers.ts';
import type { Header, ModelRequest, ModelResponse } from '../../http/message.ts';

/**
 * The answer to a sender of CloudEvents that asks whether it may deliver here. Undefined for any other request. Every
 * caller may deliver, at any rate. (CloudEvents, HTTP 1.1 Web Hooks for Event Delivery 1.0.2, section 4.)
 */
export function deliveryPermission({ method, headers }: ModelRequest): ModelResponse | undefined {
  const origin = headerValue(headers, 'webhook-request-origin');
  if (method !== 'OPTIONS' || origin === undefined) return undefined;
  const asksRate = headerValue(headers, 'webhook-request-rate') !== undefined;
  const rate: Header[] = asksRate ? [['WebHook-Allowed-Rate', '*']] : [];
  return {
    status: 200,
    headers: [['Allow', 'POST'], ['WebHook-Allowed-Origin', origin], ...rate],
    body: Buffer.alloc(0),
  };
}
