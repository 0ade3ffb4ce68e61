// A model server, in the adapter's or in a separate process, that answers with the headers in the query, and with those
// that it got.
import { createServer } from 'node:http';

export function app(request, response) {
  const { searchParams } = new URL(request.url, 'http://x');
  for (const [name, value] of searchParams) response.setHeader(name, value);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(request.headers));
}

if (process.env.REDIRECTING_PORT) createServer(app).listen(Number(process.env.REDIRECTING_PORT), '127.0.0.1');
