import { readPort } from '../../../core/settings.ts';
import type { Platform } from '../platform.ts';

/**
 * Any host that calls a container over plain HTTP. Knative and Cloud Run set `K_SERVICE`, and all of them name the port
 * in `PORT` (docs/protocols/http.md).
 */
export const http: Platform = {
  name: 'http',
  marks: /^K_SERVICE$/,
  weakMarks: /^PORT$/,
  settings: ['MODELWHISK_HTTP_TIMEOUT', 'MODELWHISK_HTTP_MAX_REQUEST'],
  // A name that no variable has: all of them are the operator's own.
  withheld: /^$/,
  port: (environment) => (environment['PORT'] ? readPort(environment, 'PORT') : undefined) ?? 8080,
  listenDeadline: () => undefined,
  load: async () => (await import('./server.ts')).startHttp,
};
