import { type Call, json } from '../call.ts';
import type { ServerCase } from '../server-case.ts';

const prediction = (input: object): Call => ({ ...json('/predictions', { input }), busy: 409 });
const predict = prediction({ text: 'hello' });

/** The image of `cog build`, without its tini. */
export const cog: ServerCase = {
  name: 'cog',
  packages: ['cog==0.23.1', 'pillow'],
  directory: '/srv/src',
  prepare: 'mkdir .cog && mv openapi_schema.json .cog',
  image: {
    name: 'me/hello',
    config: {
      Cmd: ['python', '-m', 'cog.server.http'],
      ExposedPorts: { '5000/tcp': {} },
      Env: ['COG_PREDICT_TYPE_STUB=predict.py:Predictor'],
      Labels: { 'run.cog.version': '0.23.1' },
    },
  },
  described: [
    { by: 'guess', flags: {} },
    { by: 'template', name: 'cog', values: { model: 'me/hello' } },
  ],
  predict,
  refused: prediction({ count: 'many' }),
  // It fetches by itself, so the adapter does not change such a key.
  reference: {
    named: (files) => prediction({ image: `${files}/pixel.png` }),
    sent: (files) => prediction({ image: `${files}/pixel.png` }),
  },
  stream: { ...predict, headers: { ...predict.headers, accept: 'text/event-stream' } },
  crashes: [
    { what: 'the worker', processes: /_run_worker/, loses: 'it met the dead worker, and the server says so' },
    { what: 'the server', processes: /cog\.server\.http/ },
  ],
  varying: /"(?:id|started_at|completed_at|created_at|predict_time|total_time)":(?:"[^"]*"|[\d.e-]+)/g,
  failures: [{ environment: { FAIL_SETUP: 'yes' }, says: /says that it failed: .*SETUP_FAILED/ }],
};
