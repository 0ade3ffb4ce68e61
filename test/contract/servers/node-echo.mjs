// The echo server of the contract suite on Node's HTTP server, without a framework.
import { createServer } from 'node:http';

const routes = {
  echo: (request, body, { path, query }) => {
    const headers = [];
    for (let index = 0; index < request.rawHeaders.length; index += 2) {
      headers.push([request.rawHeaders[index].toLowerCase(), request.rawHeaders[index + 1]]);
    }
    return [200, json, JSON.stringify({ method: request.method, path, query, headers, length: body.length })];
  },
  mirror: (request, body) => [
    200,
    { 'Content-Type': request.headers['content-type'] ?? 'application/octet-stream' },
    body,
  ],
  status: (_request, _body, { rest }) => [Number(rest), json, `{"status":${rest}}`],
  pid: () => [200, json, JSON.stringify({ pid: process.pid })],
  headers: () => [200, { 'Set-Cookie': ['a=1; Path=/', 'b=2, c; HttpOnly'], 'X-Latin': 'caf\u00e9' }, ''],
  redirect: () => [302, { Location: '/echo?from=redirect', 'Content-Type': 'text/plain' }, 'moved'],
  bodiless: (_request, _body, { rest }) => [Number(rest), { ETag: '"v1"' }, undefined],
  gzip: () => [
    200,
    { 'Content-Type': 'text/plain', 'Content-Encoding': 'gzip' },
    Buffer.from(process.env.GZIPPED, 'hex'),
  ],
  large: (_request, _body, { rest }) => [
    200,
    { 'Content-Type': 'application/octet-stream' },
    Buffer.alloc(Number(rest), 'a'),
  ],
};

const json = { 'Content-Type': 'application/json' };

createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray());
  const [, path, query = ''] = /^([^?]*)\??(.*)$/s.exec(request.url);
  const [, route, rest = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path);
  if (route === 'stream') stream(response);
  else if (route === 'slow') console.log('slow call begun');
  else if (route === 'crash') {
    console.error('about to crash');
    process.exit(3);
  } else {
    const [status, headers, reply] = routes[route]?.(request, body, { path, query, rest }) ?? [404, {}, 'not found'];
    const length = reply === undefined ? {} : { 'Content-Length': Buffer.byteLength(reply) };
    response.writeHead(status, { ...headers, ...length }).end(reply);
  }
}).listen(Number(process.env.PORT), '127.0.0.1');

function stream(response) {
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
  for (const number of [1, 2, 3]) setTimeout(() => response.write(`{"n":${number}}\n`), number * 20);
  setTimeout(() => response.end(), 80);
}
