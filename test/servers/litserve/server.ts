import { parsePredict, parseReady } from '../../../image/catalogue/route-flags.ts';
import { form, json } from '../call.ts';
import { inputFile } from '../input-files.ts';
import type { ServerCase } from '../server-case.ts';

/** The image of `litserve dockerize`. */
export const litserve: ServerCase = {
  name: 'litserve',
  packages: ['litserve==0.2.19', 'python-multipart'],
  directory: '/srv/app',
  image: {
    name: 'me/square',
    config: { Cmd: ['python', '/srv/app/server.py'], ExposedPorts: { '8000/tcp': {} } },
  },
  described: [
    {
      by: 'guess',
      flags: {
        ready: parseReady('/health'),
        predict: parsePredict('/predict json'),
        routes: [parsePredict('/size file:content')],
      },
    },
    { by: 'template', name: 'litserve', values: { image: 'me/square' } },
  ],
  predict: json('/predict', { input: 4 }),
  refused: { ...json('/predict', ''), body: '{"input": ' },
  reference: {
    named: (files) => json('/size', { content_url: `${files}/pixel.png` }),
    sent: () => form('/size', { content: inputFile('pixel.png') }),
  },
  stream: json('/count', { input: 5 }),
  crashes: [
    {
      what: 'the workers',
      processes: /spawn_main/,
      loses: 'it waits in the queue of a dead worker; the server ends itself',
    },
    { what: 'the server', processes: /server\.py/ },
  ],
};
