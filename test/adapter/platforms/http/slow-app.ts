import { once } from 'node:events';
import express from 'express';

/** Answers when its process gets SIGUSR2. */
export const app = express();

app.get('/slow', async (_request, response) => {
  const signal = once(process, 'SIGUSR2');
  console.log('slow call begun');
  await signal;
  response.send('finished');
});
