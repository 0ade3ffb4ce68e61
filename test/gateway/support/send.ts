import { request as httpRequest } from 'node:http';

export interface SendOptions {
  readonly method?: string;
  /** Sent as given; an array is a repeated header. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  /** Sends the body in chunks instead of with a Content-Length. */
  readonly chunked?: boolean;
}

export interface Received {
  readonly status: number;
  /** Names in lower case. Repeated headers are separate entries. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** All values of a header. */
  all(name: string): string[];
  readonly body: Buffer;
  readonly text: string;
  json(): Record<string, unknown>;
}

/** Sends one request. Resolves with the reply as sent. */
export function send(url: string, options: SendOptions = {}): Promise<Received> {
  const { origin } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = httpRequest(origin, {
      // The URL class would change the path and the query.
      path: url.slice(origin.length),
      method: options.method ?? 'GET',
      agent: false,
    });
    for (const [name, value] of Object.entries(options.headers ?? {})) {
      request.setHeader(name, typeof value === 'string' ? value : [...value]);
    }
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve(received(response.statusCode ?? 0, response.rawHeaders, Buffer.concat(chunks))));
    });
    if (options.chunked === true) {
      request.setHeader('Transfer-Encoding', 'chunked');
      request.write(options.body ?? '');
      request.end();
    } else {
      if (options.body !== undefined) request.setHeader('Content-Length', Buffer.byteLength(options.body));
      request.end(options.body);
    }
  });
}

function received(status: number, rawHeaders: readonly string[], body: Buffer): Received {
  const headers: [string, string][] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.push([rawHeaders[index]?.toLowerCase() ?? '', rawHeaders[index + 1] ?? '']);
  }
  const text = body.toString('utf8');
  return {
    status,
    headers,
    all: (name) => headers.filter(([candidate]) => candidate === name).map(([, value]) => value),
    body,
    text,
    json: () => JSON.parse(text) as Record<string, unknown>,
  };
}
