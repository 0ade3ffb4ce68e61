import { parsePredict, parseReady } from '../../../image/catalogue/route-flags.ts';
import { json } from '../call.ts';
import { inputFiles } from '../input-files.ts';
import type { ServerCase } from '../server-case.ts';

export const ray: ServerCase = {
  name: 'ray',
  packages: ['ray[serve]==2.60.0'],
  directory: '/srv/serve_app',
  image: {
    name: 'me/double',
    config: {
      Cmd: ['serve', 'run', '--name', 'app', 'app:app'],
      Env: ['RAY_USAGE_STATS_ENABLED=0'],
      ExposedPorts: { '8000/tcp': {} },
    },
  },
  described: [
    {
      by: 'guess',
      flags: {
        ready: parseReady('/-/healthz'),
        predict: parsePredict('/ json'),
        routes: [parsePredict('/size raw:image/png')],
      },
    },
  ],
  predict: json('/', { x: 21 }),
  refused: json('/', { y: 21 }),
  reference: {
    named: (files) => json('/size', { body_url: `${files}/pixel.png` }),
    sent: () => ({ path: '/size', body: new Uint8Array(inputFiles['pixel.png'].bytes) }),
  },
  stream: { path: '/count' },
  crashes: [
    { what: 'the replica', processes: /ray::ServeReplica/ },
    { what: 'the server', processes: /serve run/, loses: 'its other processes take calls for a while, and then end' },
  ],
};
