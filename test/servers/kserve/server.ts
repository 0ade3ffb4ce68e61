import { json } from '../call.ts';
import type { ServerCase } from '../server-case.ts';

/** A custom predictor from KServe's documentation. Its image does not identify itself as KServe. */
export const kserve: ServerCase = {
  name: 'kserve',
  packages: ['kserve==0.21.0', 'scikit-learn', 'joblib'],
  directory: '/mnt/models',
  prepare: 'python train.py',
  image: {
    name: 'me/iris',
    config: { Entrypoint: ['python', 'model.py'], ExposedPorts: { '8080/tcp': {} } },
  },
  described: [{ by: 'template', name: 'kserve', values: { image: 'me/iris', model: 'iris' } }],
  predict: json('/v1/models/iris:predict', { instances: [[5.1, 3.5, 1.4, 0.2]] }),
  refused: json('/v1/models/none:predict', { instances: [] }),
  crashes: [{ what: 'the server', processes: /model\.py/ }],
};
