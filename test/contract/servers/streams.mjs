// A model server with slow replies and requests: an app for an Express row, or a program on PORT. `file` in the query
// names a file in which a test sees what the server did, or by which it tells the server to continue.
import { appendFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';

const isProcess = process.argv[1] === import.meta.filename;

const routes = {
  '/ready': (request, response) => response.end('ready'),
  // Events with the time of their write.
  '/events': (request, response, query) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    let left = Number(query.get('count') ?? 5);
    const timer = setInterval(() => {
      response.write(`data: ${Date.now()}\n\n`);
      left -= 1;
      if (left > 0) return;
      clearInterval(timer);
      response.end();
    }, 60);
  },
  // The requested number of bytes, with backpressure. Each MB adds a byte to the file.
  '/pour': (request, response, query) => {
    const total = Number(query.get('megabytes')) * 16;
    const chunk = Buffer.alloc(65_536, 'p');
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    let written = 0;
    const more = () => {
      while (written < total) {
        written += 1;
        if (written % 16 === 0 && query.has('file')) appendFileSync(query.get('file'), '.');
        if (!response.write(chunk)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  },
  // Two events without an end: a server exits, an app drops the connection.
  '/die': (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
    setTimeout(() => response.write('data: 2\n\n'), 50);
    setTimeout(() => (isProcess ? process.exit(3) : response.destroy()), 150);
  },
  // Events until the connection is closed, which is written into the file.
  '/endless': (request, response, query) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const timer = setInterval(() => response.write('data: again\n\n'), 20);
    response.on('close', () => {
      clearInterval(timer);
      appendFileSync(query.get('file'), 'closed');
    });
  },
  // A process is killed when the body begins to arrive, the first time. Then the bytes come back.
  '/kill-once': (request, response, query) => {
    const parts = [];
    request.on('data', (part) => {
      if (!existsSync(query.get('file'))) {
        appendFileSync(query.get('file'), part);
        process.kill(process.pid, 'SIGKILL');
      }
      parts.push(part);
    });
    request.on('end', () => response.end(Buffer.concat(parts)));
  },
  // Answers without reading, and closes.
  '/refuse-upload': (request, response) => response.writeHead(413, { connection: 'close' }).end('too large'),
  // Some servers send trailers only to a caller that takes them.
  '/trailers': (request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', trailer: 'x-checksum' });
    response.write('body');
    setTimeout(() => {
      if (request.headers.te === 'trailers') response.addTrailers({ 'x-checksum': 'abc' });
      response.end();
    }, 30);
  },
  // Counts what it receives.
  '/sink': (request, response) => {
    let bytes = 0;
    request.on('data', (part) => (bytes += part.length));
    request.on('end', () => response.end(JSON.stringify({ bytes })));
  },
  // Reads nothing until the file exists.
  '/late-sink': (request, response, query) => {
    const timer = setInterval(() => {
      if (!existsSync(query.get('file'))) return;
      clearInterval(timer);
      routes['/sink'](request, response);
    }, 20);
  },
  // Sends back each part of the request when it arrives.
  '/echo': (request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    request.pipe(response);
  },
  // Answers before the end of the request.
  '/refuse': (request, response) => response.writeHead(403, { 'content-type': 'text/plain' }).end('no'),
};

export function app(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://model');
  const route = routes[pathname];
  if (route === undefined) response.writeHead(404).end();
  else route(request, response, searchParams);
}

if (isProcess) createServer(app).listen(Number(process.env.PORT), '127.0.0.1');
