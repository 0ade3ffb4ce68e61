import supertest from 'supertest';
import { app } from './app.ts';
import { mergedJson, serveRun } from './front.ts';

/** `supertest(app)` as in its README, with one listener per call. */
serveRun(async (parameters) => {
  const method = parameters.__ow_method === 'post' ? 'post' : 'get';
  const call = supertest(app)[method](parameters.__ow_path).set(parameters.__ow_headers);
  const json = mergedJson(parameters);
  const body = json ?? (parameters.__ow_body === undefined ? undefined : Buffer.from(parameters.__ow_body, 'base64'));
  const { status, headers, body: received, text } = await (body === undefined ? call : call.send(body));
  const encoded = Buffer.isBuffer(received) ? received.toString('base64') : text;
  return { statusCode: status, headers, body: encoded };
});
