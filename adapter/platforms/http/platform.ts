import { readPort } from '../../../core/settings.ts';
import type { Platform } from '../platform.ts';

/**
 * Any platform that calls a container over plain HTTP. Knative and Cloud Run set `K_SERVICE`; all set `PORT`
 * (docs/protocols/http.md).
 */
export const http: Platform = {
  name: 'http',
  marks: /^K_SERVICE$/,
  weakMarks: /^PORT$/,
  settings: [
    { name: 'MODELWHISK_HTTP_TIMEOUT', meaning: 'Milliseconds after which a call gets 504.', default: '300000' },
    {
      name: 'MODELWHISK_HTTP_MAX_REQUEST',
      meaning: 'Largest request body, in bytes.',
      otherwise: 'only the platform’s own limit',
    },
  ],
  // Matches no variable: all variables are the operator's own.
  withheld: /^$/,
  port: (environment) => (environment['PORT'] ? readPort(environment, 'PORT') : undefined) ?? 8080,
  listenDeadline: () => undefined,
  load: async () => (await import('./server.ts')).startHttp,
};
