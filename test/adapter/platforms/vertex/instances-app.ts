import express, { type Request } from 'express';

/** A model that takes one input. It returns its request, and the maximum number of simultaneous calls. */
export const app = express();
app.use(express.raw({ type: () => true, limit: '50mb' }));

let now = 0;
let most = 0;

app.get('/most', (_request, response) => response.json(most));

app.post('/predict', (request, response) => {
  now += 1;
  most = Math.max(most, now);
  setTimeout(() => {
    now -= 1;
    const text = textOf(request);
    const [, status = '200'] = /"status": ?(\d+)/.exec(text) ?? [];
    response.status(Number(status)).type('application/json');
    if (status === '200') response.send(`{"got":${text},"query":${JSON.stringify(request.originalUrl)}}`);
    else response.send('{"message":"not this one"}');
  }, 30);
});

app.post('/image', (request, response) => {
  const file = textOf(request).includes('filename="image.png"');
  response.type('image/png').send(Buffer.from(file ? 'a file' : 'no file'));
});

/** Takes lists itself, as TensorFlow Serving does. */
app.post('/list', (request, response) => {
  response.json({ predictions: ['whole'], got: textOf(request) });
});

function textOf({ body }: Request): string {
  return Buffer.isBuffer(body) ? body.toString('latin1') : '';
}
