// A model server that answers with the request it received, or with the reply in the header `x-reply`: base64 of the
// JSON {"status": 200, "headers": [["name", "value"], …], "body": base64}. The default body is that of the request.
// /process describes its process. An Express row can load it; as a program it listens on PORT. Plain JavaScript,
// because that starts in a few dozen milliseconds.
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

export async function app(request, response) {
  const body = await buffer(request);
  const prescribed = request.headers['x-reply'];
  if (request.url === '/process') {
    const { env, argv } = process;
    const about = { env, argv, prototype: Object.getOwnPropertyNames(Object.prototype).toSorted() };
    send(response, 200, [['content-type', 'application/json']], Buffer.from(JSON.stringify(about)));
  } else if (prescribed === undefined) {
    const record = {
      method: request.method,
      url: request.url,
      headers: request.rawHeaders,
      body: body.toString('base64'),
    };
    send(response, 200, [['content-type', 'application/json']], Buffer.from(JSON.stringify(record)));
  } else {
    const reply = JSON.parse(Buffer.from(prescribed, 'base64').toString());
    send(response, reply.status, reply.headers, reply.body === undefined ? body : Buffer.from(reply.body, 'base64'));
  }
}

function send(response, status, headers, body) {
  response.writeHead(status, [...headers.flat(), 'content-length', String(body.length)]).end(body);
}

if (process.argv[1] === import.meta.filename) createServer(app).listen(Number(process.env.PORT), '127.0.0.1');
