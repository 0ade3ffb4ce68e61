import { parsePredict, parseReady } from '../../../image/catalogue/route-flags.ts';
import { form, json } from '../call.ts';
import { inputFile } from '../input-files.ts';
import type { ServerCase } from '../server-case.ts';

/** The image of FastAPI's own page on Docker; it does not identify itself as FastAPI. */
export const fastapi: ServerCase = {
  name: 'fastapi',
  packages: ['fastapi==0.165.0', 'uvicorn', 'python-multipart', 'pillow'],
  directory: '/srv/code',
  image: {
    name: 'me/classifier',
    config: { Cmd: ['uvicorn', 'main:app', '--host', '0.0.0.0', '--port', '80'], ExposedPorts: { '80/tcp': {} } },
  },
  described: [
    { by: 'guess', flags: { ready: parseReady('/health'), predict: parsePredict('POST /predict?top file:file') } },
  ],
  predict: form('/predict?top=2', { file: inputFile('pixel.png') }),
  refused: form('/predict', { file: inputFile('rows.csv') }),
  reference: {
    named: (files) => json('/predict', { file_url: `${files}/pixel.png`, top: 4 }),
    sent: () => form('/predict?top=4', { file: inputFile('pixel.png') }),
  },
  stream: { path: '/events' },
  crashes: [{ what: 'the server', processes: /uvicorn/ }],
};
