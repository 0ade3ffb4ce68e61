import type { Response } from 'express';

/** Sends JSON as MAX servers do: the type without a charset, which JSON does not have (RFC 8259, section 11). */
export function sendJson(response: Response, body: object): void {
  // Not response.set, which adds a charset.
  response.setHeader('Content-Type', 'application/json');
  response.send(Buffer.from(JSON.stringify(body)));
}
