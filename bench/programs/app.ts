import { createHash } from 'node:crypto';
import express from 'express';
import { latin1Text, storedImage } from './work.ts';

/**
 * The model server of the bench: takes the body in, answers with as much as a model would, and computes nothing, so
 * that what is measured is the way to it and back.
 */
export const app = express();
app.disable('etag');

const anyBody = express.raw({ type: () => true, limit: '10mb' });

app.post('/model/predict', anyBody, (request, response) => {
  response.json({ status: 'ok', bytes: (request.body as Buffer).length });
});
app.post('/json', express.json(), (request, response) => {
  response.json({ status: 'ok', keys: Object.keys(request.body as object).length });
});
app.post('/digest', anyBody, (request, response) => {
  response.json({
    sha256: createHash('sha256')
      .update(request.body as Buffer)
      .digest('hex'),
  });
});
app.get('/image/:length', (request, response) => {
  response.type('image/png').send(storedImage(Number(request.params.length)));
});
app.get('/latin1', (_request, response) => {
  response.set('content-type', 'text/plain; charset=iso-8859-1').end(Buffer.from(latin1Text, 'latin1'));
});
