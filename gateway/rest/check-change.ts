import { isIP } from 'node:net';
import type { Controller } from '../controller.ts';
import { Rejection, messages } from '../errors.ts';
import { headerValue, type GatewayRequest } from '../http/message.ts';

/**
 * Whether a request may create, change or delete something. Whoever can create an action has this machine run an image
 * of their choice, so only the machine itself may, whatever key the caller has. Throws Rejection 403 for any other peer,
 * and 413 for a body that is too long.
 */
export function checkChange({ peer, bodyLength }: GatewayRequest, { options }: Controller): void {
  if (!isLoopback(peer)) {
    throw new Rejection(403, 'Actions and packages can be changed from the machine that runs the gateway alone.');
  }
  const { payloadLimit } = options;
  if (bodyLength > payloadLimit) throw new Rejection(413, messages.entityTooBig(bodyLength, payloadLimit));
}

/**
 * Refuses requests of web pages of other origins, with or without credentials. Browsers send the origin of a request
 * (https://w3c.github.io/webappsec-fetch-metadata). Throws Rejection 403.
 */
export function checkOrigin({ headers }: GatewayRequest): void {
  const site = headerValue(headers, 'sec-fetch-site') ?? 'none';
  if (site !== 'none' && site !== 'same-origin') {
    throw new Rejection(403, 'Web pages of other origins may not use the REST API.');
  }
}

function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, '');
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}
