import { parsePredict } from '../../../image/catalogue/route-flags.ts';
import { json } from '../call.ts';
import { inputFiles } from '../input-files.ts';
import type { ServerCase } from '../server-case.ts';

/** The image of `mlflow models build-docker --env-manager local`, which has a proxy of nginx besides: the row turns it off. */
export const mlflow: ServerCase = {
  name: 'mlflow',
  packages: ['mlflow==3.17.2'],
  directory: '/opt/ml/model',
  prepare: 'python save_model.py && cp -r saved/* .',
  image: {
    name: 'me/sum',
    config: {
      Entrypoint: ['python', '-c', "from mlflow.models import container as C; C._serve('local')"],
      Env: ['MLFLOW_DISABLE_ENV_CREATION=True', 'GUNICORN_CMD_ARGS=--timeout 60 -k gevent'],
      ExposedPorts: { '8080/tcp': {} },
    },
  },
  described: [
    { by: 'guess', flags: { predict: parsePredict('/invocations raw:text/csv') } },
    { by: 'guess', flags: {} },
    { by: 'template', name: 'mlflow', values: { image: 'me/sum' } },
  ],
  predict: json('/invocations', { dataframe_split: { columns: ['x', 'y'], data: [[1, 2]] } }),
  refused: json('/invocations', { inputs: { z: [1] } }),
  reference: {
    named: (files) => json('/invocations', { body_url: `${files}/rows.csv` }),
    sent: () => ({
      path: '/invocations',
      headers: { 'content-type': 'text/csv' },
      body: new Uint8Array(inputFiles['rows.csv'].bytes),
    }),
  },
  crashes: [
    { what: 'a worker', processes: /spawn_main/ },
    { what: 'the server', processes: /uvicorn/ },
  ],
};
