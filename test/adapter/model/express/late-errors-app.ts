import type { RequestListener } from 'node:http';

const routes: Readonly<Record<string, RequestListener>> = {
  '/data': (request) => void request.on('data', fail),
  '/end': (request) => void request.resume().on('end', fail),
  '/drain': (_request, response) => {
    response.write('x'.repeat(1_000_000));
    response.on('drain', fail);
  },
  '/written': (_request, response) => {
    response.write('x');
    response.write('x'.repeat(1_000_000), fail);
  },
  '/close': (_request, response) => void response.on('close', fail).write('begun'),
  '/later': (_request, response) => void setTimeout(() => response.end('later'), 100),
};

/** An app whose code throws when something outside of its call sets it off. */
export const app: RequestListener = (request, response) => {
  routes[request.url ?? '']?.(request, response);
};

function fail(): never {
  throw new Error('too late');
}
