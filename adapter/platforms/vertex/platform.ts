import { readPort } from '../../../core/settings.ts';
import type { Platform } from '../platform.ts';

/** Custom containers of Google's Vertex AI (docs/protocols/vertex.md). */
export const vertex: Platform = {
  name: 'vertex',
  marks: /^AIP_(HTTP_PORT|HEALTH_ROUTE|PREDICT_ROUTE|MODE|STORAGE_URI)$/,
  settings: [
    {
      name: 'MODELWHISK_VERTEX_ENDPOINT',
      meaning:
        'Kind of the endpoint, for its limits: `dedicated` or `private-service-connect` (10 MB, 10 minutes), `shared` (1.5 MB, 60 s) or `private` (by VPC peering: 10 MB, 60 s).',
      default: 'dedicated',
    },
    {
      name: 'MODELWHISK_VERTEX_TIMEOUT',
      meaning: 'Milliseconds after which a call gets 504.',
      otherwise: 'the time of the kind of endpoint',
    },
    {
      name: 'MODELWHISK_VERTEX_INSTANCES',
      meaning: 'What the model server takes: the whole `list` of instances, or `each` in a call of its own.',
      otherwise: '`list` if the row declares the field `instances`, else `each`',
    },
    {
      name: 'MODELWHISK_VERTEX_CONCURRENCY',
      meaning: 'Most instances of a request that are in calls at the same time.',
      default: '4',
    },
  ],
  // A model server for Vertex AI would listen on the adapter's port. The other variables are not secret, and may be
  // useful.
  withheld: /^AIP_(HTTP_PORT|HEALTH_ROUTE|PREDICT_ROUTE)$/,
  port: (environment) => readPort(environment, 'AIP_HTTP_PORT') ?? 8080,
  // The liveness probe needs a connection within 40 s; the health route says whether the model is ready.
  listenDeadline: () => 0,
  load: async () => (await import('./server.ts')).startVertex,
};
