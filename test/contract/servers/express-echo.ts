import express from 'express';
import { gzipped } from '../bodies.ts';

/** The echo server of the contract suite as an Express app. The other servers here have the same routes. */
export const app = express();

app.disable('x-powered-by');
app.set('etag', false);
app.use(express.raw({ type: () => true, limit: '50mb', inflate: false }));

app.use('/echo', (request, response) => {
  const [path, query = ''] = splitOnce(request.originalUrl, '?');
  const headers: [string, string][] = [];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    headers.push([(request.rawHeaders[index] ?? '').toLowerCase(), request.rawHeaders[index + 1] ?? '']);
  }
  response.json({ method: request.method, path, query, headers, length: bodyOf(request).length });
});

app.post('/mirror', (request, response) => {
  // Set by writeHead, because Express adds a charset to text types otherwise.
  response.writeHead(200, { 'content-type': request.headers['content-type'] ?? 'application/octet-stream' });
  response.end(bodyOf(request));
});

app.get('/status/:status', (request, response) => {
  const status = Number(request.params.status);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ status }));
});

app.get('/pid', (_, response) => {
  response.json({ pid: process.pid });
});

app.get('/headers', (_, response) => {
  response.writeHead(
    200,
    [
      ['Content-Length', '0'],
      ['Set-Cookie', 'a=1; Path=/'],
      ['Set-Cookie', 'b=2, c; HttpOnly'],
      ['X-Latin', 'caf\u00e9'],
    ].flat(),
  );
  response.end();
});

app.get('/redirect', (_, response) => {
  response.writeHead(302, { location: '/echo?from=redirect', 'content-type': 'text/plain' });
  response.end('moved');
});

app.get('/bodiless/:status', (request, response) => {
  response.writeHead(Number(request.params.status), { etag: '"v1"' });
  response.end();
});

app.get('/gzip', (_, response) => {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' });
  response.end(gzipped);
});

app.get('/stream', (_, response) => {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const lines = ['{"n":1}\n', '{"n":2}\n', '{"n":3}\n'];
  const next = (): void => {
    const line = lines.shift();
    if (line === undefined) {
      response.end();
      return;
    }
    response.write(line);
    setTimeout(next, 20);
  };
  next();
});

app.get('/large/:bytes', (request, response) => {
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  response.end(Buffer.alloc(Number(request.params.bytes), 'a'));
});

app.get('/slow', () => {
  // Never answers, so the call runs out of time.
  console.log('slow call begun');
});

app.post('/crash', () => {
  console.error('about to crash');
  process.exit(3);
});

function bodyOf(request: express.Request): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
