import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';

/** A model server that loads its model at the start, like most, and answers with it. */
const weights = readFileSync(join(process.env['MODEL_DIR'] ?? '', 'weights.txt'), 'utf8');

export const app: RequestListener = (_request, response) => {
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ weights }));
};

const [, program, port] = process.argv;
if (program?.endsWith('-model-app.cjs')) createServer(app).listen(Number(port), '127.0.0.1');
