import { json } from '../call.ts';
import type { ServerCase } from '../server-case.ts';

const words = { name: 'text', shape: [1], datatype: 'BYTES', data: ['a lighthouse stands on the cliff'] };

/** The image of `mlserver build`. */
export const mlserver: ServerCase = {
  name: 'mlserver',
  packages: ['mlserver==1.7.1', 'mlserver-sklearn==1.7.1'],
  directory: '/mnt/models',
  prepare: 'cd iris && python train.py',
  image: {
    name: 'me/iris',
    config: {
      Cmd: ['mlserver', 'start', '/mnt/models'],
      Env: ['MLSERVER_MODELS_DIR=/mnt/models', 'MLSERVER_GZIP_ENABLED=false'],
      ExposedPorts: { '8080/tcp': {}, '8081/tcp': {}, '8082/tcp': {} },
    },
  },
  described: [
    { by: 'guess', flags: { set: { model: 'iris' } } },
    { by: 'template', name: 'mlserver', values: { model: 'iris' } },
  ],
  predict: json('/v2/models/iris/infer', {
    id: 'one',
    inputs: [{ name: 'predict', shape: [1, 4], datatype: 'FP32', data: [5.1, 3.5, 1.4, 0.2] }],
  }),
  refused: json('/v2/models/none/infer', { inputs: [] }),
  stream: json('/v2/models/words/infer_stream', { id: 'one', inputs: [words] }),
  crashes: [{ what: 'the server', processes: /mlserver/ }],
};
