import { parsePredict, parseReady } from '../../../image/catalogue/route-flags.ts';
import { form, json } from '../call.ts';
import { inputFile } from '../input-files.ts';
import type { ServerCase } from '../server-case.ts';

export const gradio: ServerCase = {
  name: 'gradio',
  packages: ['gradio==6.31.0', 'pillow'],
  directory: '/srv/app',
  image: {
    name: 'me/shout',
    config: {
      Cmd: ['python', 'app.py'],
      Env: ['GRADIO_ANALYTICS_ENABLED=False', 'HF_HUB_OFFLINE=1'],
      ExposedPorts: { '7860/tcp': {} },
    },
  },
  described: [
    {
      by: 'guess',
      flags: {
        ready: parseReady('/gradio_api/info'),
        predict: parsePredict('/gradio_api/run/shout json'),
        routes: [parsePredict('/gradio_api/upload file:files')],
      },
    },
  ],
  predict: json('/gradio_api/run/shout', { data: ['hello'] }),
  refused: json('/gradio_api/run/none', { data: [] }),
  reference: {
    named: (files) => json('/gradio_api/upload', { files_url: `${files}/pixel.png` }),
    sent: () => form('/gradio_api/upload', { files: inputFile('pixel.png') }),
  },
  stream: {
    first: json('/gradio_api/call/count', { data: [5] }),
    second: (reply) => ({ path: `/gradio_api/call/count/${(JSON.parse(reply) as { event_id: string }).event_id}` }),
  },
  crashes: [{ what: 'the server', processes: /app\.py/ }],
  varying: /"(?:duration|average_duration)":[\d.e-]+/g,
};
