// A model server for load: it answers with the size and the digest of the body, or with an image of the requested
// size. An Express row can load it; as a program it listens on PORT (and HOST). Plain JavaScript, because that starts
// in a few dozen milliseconds.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

export async function app(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://model');
  const body = await buffer(request);
  switch (pathname) {
    case '/predict':
      return answer(response, 200, 'application/json', JSON.stringify({ bytes: body.length, digest: digestOf(body) }));
    case '/image':
      return answer(response, 200, 'image/png', image(Number(searchParams.get('bytes'))));
    case '/busy':
      return answer(response, 503, 'application/json', '{"message":"busy"}');
    case '/slow':
      return setTimeout(() => answer(response, 200, 'text/plain', 'late'), 20);
    default:
      return answer(response, 404, 'text/plain', 'not found');
  }
}

function answer(response, status, type, body) {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}

export function digestOf(bytes) {
  return createHash('sha1').update(bytes).digest('hex');
}

export function image(bytes) {
  return Buffer.alloc(bytes, 'a pattern that is not a power of two long');
}

const { PORT, HOST = '127.0.0.1' } = process.env;
if (process.argv[1] === import.meta.filename) createServer(app).listen(Number(PORT), HOST);
