// A model server whose route takes lists, as in KServe's v1 protocol: it doubles each input, refuses 13, and takes a
// second for 1000. GET /sizes returns the length of each list so far.
import { createServer } from 'node:http';

const sizes = [];

export const app = async (request, response) => {
  if (request.method === 'GET') {
    send(response, 200, sizes);
    return;
  }
  const parts = [];
  for await (const part of request) parts.push(part);
  const { instances } = JSON.parse(Buffer.concat(parts).toString());
  sizes.push(instances.length);
  await new Promise((resolve) => setTimeout(resolve, instances.includes(1000) ? 1000 : 0));
  if (instances.includes(13)) send(response, 400, { error: '13 is refused' });
  else send(response, 200, { predictions: instances.map((value) => value * 2) });
};

function send(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

if (process.argv[1] === import.meta.filename) createServer(app).listen(Number(process.env.PORT), '127.0.0.1');
