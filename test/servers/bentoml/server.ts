import { parsePredict } from '../../../image/catalogue/route-flags.ts';
import { form, json } from '../call.ts';
import { inputFile } from '../input-files.ts';
import type { ServerCase } from '../server-case.ts';

/** The image of `bentoml containerize`. */
export const bentoml: ServerCase = {
  name: 'bentoml',
  packages: ['bentoml==1.4.40', 'pillow'],
  directory: '/home/bentoml/bento',
  image: {
    name: 'me/summary',
    config: {
      Entrypoint: ['bentoml', 'serve', '--host', '0.0.0.0'],
      Cmd: ['service:Summary'],
      Env: ['BENTO_PATH=/home/bentoml/bento', 'BENTOML_DO_NOT_TRACK=True'],
      ExposedPorts: { '3000/tcp': {} },
    },
  },
  described: [
    { by: 'guess', flags: { set: { method: 'summarize' }, routes: [parsePredict('/measure file:image')] } },
    { by: 'template', name: 'bentoml', values: { image: 'me/summary', method: 'summarize' } },
  ],
  predict: json('/summarize', { text: 'a lighthouse stands on the cliff', words: 2 }),
  refused: json('/summarize', { words: 2 }),
  reference: {
    named: (files) => json('/measure', { image_url: `${files}/pixel.png`, scale: 2 }),
    sent: () => form('/measure', { scale: '2', image: inputFile('pixel.png') }),
  },
  stream: json('/count', { to: 5 }),
  crashes: [
    { what: 'the worker', processes: /_bentoml_impl\.worker/ },
    { what: 'the server', processes: /bentoml serve/ },
  ],
};
