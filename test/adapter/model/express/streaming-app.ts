import express from 'express';

/** An app with streamed replies. A test sees its progress in `steps.seen` and continues it by `steps.go`. */
export const steps = { go: new Map<string, () => void>(), seen: [] as string[] };

async function step(name: string): Promise<void> {
  return new Promise((fulfil) => steps.go.set(name, fulfil));
}

export const app = express();

app.get('/events', async (_request, response) => {
  response.on('close', () => steps.seen.push('closed'));
  response.type('text/event-stream').flushHeaders();
  for (const name of ['first', 'second']) {
    await step(name);
    response.write(`data: ${name}\n\n`);
  }
  await step('end');
  response.end();
});

app.get('/throw', async (_request, response) => {
  response.write('begun');
  await step('throw');
  setImmediate(() => {
    throw new Error('thrown outside of any handler');
  });
});

app.get('/destroy-when-finished', (request, response) => {
  response.on('finish', () => request.destroy()).send('done');
});

app.get('/destroy-later', (request, response) => {
  response.send('done');
  setTimeout(() => request.socket.destroy(), 2);
});
