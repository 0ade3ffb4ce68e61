import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import { latin1Text, storedImage } from './work.ts';

/**
 * The bench's model server. It reads the body and answers with as much data as a model, but computes nothing, so that
 * the bench measures only the way to it and back.
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
/** Ten events, each with the time of its write, in nanoseconds of the machine's monotonic clock. */
app.get('/stream', async (_request, response) => {
  response.type('text/event-stream');
  for (let count = 0; count < 10; count += 1) {
    response.write(`data: ${process.hrtime.bigint()}\n\n`);
    await sleep(5);
  }
  response.end();
});
app.get('/latin1', (_request, response) => {
  response.set('content-type', 'text/plain; charset=iso-8859-1').end(Buffer.from(latin1Text, 'latin1'));
});
