import type { IncomingMessage, ServerResponse } from 'node:http';

/** The URL of a request, without its host. "/" if it is malformed. */
export function urlOf({ url = '/' }: IncomingMessage): URL {
  return new URL(URL.canParse(url, base) ? url : '/', base);
}

const base = 'http://host';

/** A request's body as text. Rejects if the caller closes the connection, or sends more than 1 MiB. */
export async function readText(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > 1_048_576) throw new RangeError('the body is longer than 1 MiB');
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(text);
}

export function sendJson(response: ServerResponse, value: object): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}
