import type { Response } from 'express';

/** Sends JSON as MAX servers do: the type without a charset, which JSON does not have (RFC 8259, section 11). */
export function sendJson(response: Response, body: object): void {
  response.set('Content-Type', 'application/json').send(Buffer.from(JSON.stringify(body)));
}
