import { parsePredict, parseReady } from '../../../image/catalogue/route-flags.ts';
import { json } from '../call.ts';
import type { ServerCase } from '../server-case.ts';

const prompt = { prompt: 'A lighthouse', max_tokens: 8, temperature: 0, seed: 1 };

/** The server of the Python package; the template llama-cpp is for llama.cpp's own. pip compiles it, with cmake and gcc. */
export const llamaCpp: ServerCase = {
  name: 'llama-cpp',
  packages: ['gguf==0.19.0', 'llama-cpp-python[server]==0.3.36'],
  directory: '/srv/models',
  prepare: 'python make_model.py',
  image: {
    name: 'me/tiny',
    config: {
      Cmd: ['python', '-m', 'llama_cpp.server', '--model', '/srv/models/tiny.gguf', '--n_ctx', '256'],
      Env: ['HOST=0.0.0.0', 'PORT=8000'],
      ExposedPorts: { '8000/tcp': {} },
    },
  },
  described: [
    { by: 'guess', flags: { ready: parseReady('/v1/models'), predict: parsePredict('/v1/completions json') } },
  ],
  predict: json('/v1/completions', prompt),
  refused: json('/v1/completions', { ...prompt, max_tokens: 'many' }),
  stream: json('/v1/completions', { ...prompt, stream: true, max_tokens: 200 }),
  crashes: [{ what: 'the server', processes: /llama_cpp\.server/ }],
  varying: /"(?:id|created)": ?(?:"[^"]*"|\d+)/g,
};
