import { createServer } from 'node:http';

/** The bench's http model server: a bare node:http server that reads the body and answers with its length. */
const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
  let length = 0;
  request.on('data', (chunk: Buffer) => (length += chunk.length));
  request.on('end', () => {
    const body = Buffer.from(JSON.stringify({ status: 'ok', bytes: length }));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  });
});
server.listen(Number(process.env['PORT']), '127.0.0.1');
