import express, { type Request } from 'express';

/** An Express model server that answers with the request it received, for tests of the adapter. */
export const app = express();
app.disable('x-powered-by');
app.set('etag', false);
app.use(express.raw({ type: () => true, limit: '10mb' }));

app.get('/status/:code', (request, response) => {
  response.status(Number(request.params.code)).type('text/plain').send('said so');
});
app.get('/upgrade', (request) => {
  request.socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
});
app.get('/redirect', (_request, response) => response.redirect('/elsewhere'));
app.get('/late', (_request, response) => setTimeout(() => response.send('late'), 50));
app.get('/slow', (request, response) => {
  setTimeout(() => response.json({}), Number(request.query['milliseconds']));
});
app.get('/hang', () => undefined);
app.get('/hang-up', (request) => request.socket.destroy());
app.get('/half', (request, response) => {
  response.writeHead(200, { 'content-length': 100 }).write('half', () => request.socket.destroy());
});
app.get('/throw-later', () => {
  setImmediate(() => {
    throw new Error('thrown outside of any handler');
  });
});
app.get('/environment/:name', (request, response) => response.json(process.env[request.params.name] ?? null));
app.get('/print', (_request, response) => {
  console.log('❄ ☃ ❄ on stdout');
  console.error('❄ ☃ ❄ on stderr');
  response.json({ delimiter: '❄' });
});
// Answers with the request's body, and the type and status in the query.
app.all('/mirror', (request, response) => {
  const { status = '200', type, header } = request.query;
  response.status(Number(status));
  if (typeof type === 'string') response.setHeader('content-type', type);
  for (const each of [header ?? []].flat() as string[]) {
    const [name = '', value = ''] = each.split('=');
    response.appendHeader(name, value);
  }
  response.end(bodyOf(request));
});
app.get('/large', (request, response) => {
  response.type(request.query['type'] as string).send(Buffer.alloc(Number(request.query['bytes']), 'a'));
});
app.use((request, response) => {
  response.json({
    method: request.method,
    url: request.originalUrl,
    headers: request.rawHeaders,
    body: bodyOf(request).toString('base64'),
  });
});

function bodyOf(request: Request): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}
