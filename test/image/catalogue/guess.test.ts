import { describe, expect, test } from 'vitest';
import { assertBuildable } from '../../../image/catalogue/check-buildable.ts';
import { guessRow } from '../../../image/catalogue/guess.ts';
import type { GuessRequest } from '../../../image/catalogue/guess-request.ts';
import { modelRow, runtimeRow } from '../../../core/row.ts';
import { parsePredict, parseReady, predictRoute } from '../../../image/catalogue/route-flags.ts';
import { rows } from '../rows.ts';

/** The part of `docker inspect` that matters here. */
interface Config {
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Env?: readonly string[];
  readonly ExposedPorts?: Readonly<Record<string, object>> | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

function guess(image: string, config: Config, flags: Partial<GuessRequest> = {}) {
  return guessRow({ image, config, catalogue: rows, ...flags });
}

describe('an image of a known kind of server gets the row of its template', () => {
  const set = { model: 'iris' };
  test.each<[string, string, Config, Partial<GuessRequest>, number, string]>([
    [
      'TensorFlow Serving by its entrypoint',
      'me/half-plus-two:1',
      { Entrypoint: ['/usr/bin/tf_serving_entrypoint.sh'], ExposedPorts: { '8500/tcp': {}, '8501/tcp': {} } },
      { set },
      8501,
      '/v1/models/iris:predict',
    ],
    [
      'TorchServe by its command, moved off 8080',
      'me/x',
      { Entrypoint: ['/usr/local/bin/dockerd-entrypoint.sh'], Cmd: ['serve'] },
      { set },
      8090,
      '/predictions/iris',
    ],
    [
      'Triton by its label',
      'me/x',
      { Entrypoint: ['/opt/nvidia/nvidia_entrypoint.sh'], Labels: { 'com.nvidia.tritonserver.version': '2.50.0' } },
      { set },
      8000,
      '/v2/models/iris/infer',
    ],
    [
      'cog by its command',
      'me/sdxl',
      { Entrypoint: ['/sbin/tini', '--'], Cmd: ['python', '-m', 'cog.server.http'], ExposedPorts: { '5000/tcp': {} } },
      { set },
      5000,
      '/predictions',
    ],
    ['cog by its registry', 'r8.im/me/sdxl@sha256:0', {}, { set }, 5000, '/predictions'],
    ['TGI by its name', 'mirror.example/text-generation-inference:3', {}, { set }, 8090, '/generate'],
    ['TEI by its entrypoint', 'me/x', { Entrypoint: ['text-embeddings-router'] }, { set }, 8090, '/embed'],
    [
      'Ollama by its name',
      'ollama/ollama:0.5',
      { Entrypoint: ['/bin/ollama'], Cmd: ['serve'] },
      { set },
      11_434,
      '/api/generate',
    ],
    ['llama.cpp by its entrypoint', 'me/tiny', { Entrypoint: ['/app/llama-server'] }, { set }, 8090, '/completion'],
    [
      'vLLM by its entrypoint',
      'me/llm',
      { Entrypoint: ['vllm', 'serve'], ExposedPorts: null },
      { set },
      8000,
      '/v1/chat/completions',
    ],
    [
      'vLLM by its name, where its entrypoint is another',
      'vllm/vllm-openai-xpu',
      { Entrypoint: ['python3', '-m', 'vllm.entrypoints.openai.api_server'] },
      { set, command: '--model iris' },
      8000,
      '/v1/chat/completions',
    ],
    [
      'SGLang by its name',
      'lmsysorg/sglang:latest',
      { Entrypoint: ['/opt/nvidia/nvidia_entrypoint.sh'] },
      { set },
      30_000,
      '/v1/chat/completions',
    ],
    [
      'SGLang by its command',
      'me/llm',
      { Cmd: ['python3', '-m', 'sglang.launch_server', '--model-path', 'x'] },
      { set },
      30_000,
      '/v1/chat/completions',
    ],
    [
      'BentoML by its environment',
      'me/summarizer',
      { Env: ['BENTO_PATH=/home/bentoml/bento'] },
      { set: { method: 'summarize' } },
      3000,
      '/summarize',
    ],
    [
      'MLflow by its entrypoint',
      'me/wine',
      { Entrypoint: ['python', '-c', 'from mlflow.models import container as C; C._serve()'] },
      {},
      8000,
      '/invocations',
    ],
    ['Seldon by its command', 'me/wine', { Cmd: ['/s2i/bin/run'] }, {}, 9000, '/api/v1.0/predictions'],
    [
      'MLServer by its environment',
      'me/wine',
      { Env: ['MLSERVER_MODELS_DIR=/mnt/models'] },
      { set },
      8090,
      '/v2/models/iris/infer',
    ],
    [
      'KServe by its entrypoint',
      'me/wine',
      { Entrypoint: ['python', '-m', 'sklearnserver'] },
      { set },
      8090,
      '/v1/models/iris:predict',
    ],
    [
      'MAX by its command and port',
      'me/my-model',
      { Cmd: ['/bin/sh', '-c', 'python app.py'], ExposedPorts: { '5000/tcp': {} } },
      {},
      5000,
      '/model/predict',
    ],
    ['MAX by its name', 'me/max-birds', {}, {}, 5000, '/model/predict'],
    ['cog, whose row needs no value', 'r8.im/me/sdxl', {}, {}, 5000, '/predictions'],
    ['Ollama, whose sample alone has a placeholder', 'ollama/ollama', {}, {}, 11_434, '/api/generate'],
  ])('%s', (_case, image, config, flags, port, path) => {
    const { row, guesses } = guess(image, config, flags);
    expect(row).toMatchObject({ image, template: false, server: { kind: 'http', port }, predict: { path } });
    expect(guesses[0]).toMatch(/^server: .+, because .+$/);
    expect(guesses.slice(1).every((line) => line.includes('--predict'))).toBe(true);
  });

  test('a placeholder without a value is asked for', () => {
    expect(() => guess('me/x', { Cmd: ['tritonserver'] })).toThrow(
      '--set model is not set; expected a value for triton',
    );
  });

  test('a value for an unknown placeholder is refused', () => {
    expect(() => guess('r8.im/me/sdxl', {}, { set: { mode: 'x' } })).toThrow('--set is "mode"; expected');
    expect(() => guess('me/x', { ExposedPorts: { '80/tcp': {} } }, { set })).toThrow(
      '--set is "model"; expected no value: me/x is of no kind of server that asks for one',
    );
  });

  test.each<[string, string, Config, string, object]>([
    ['an image by default', 'me/max-birds', {}, 'as most MAX models take an image', { kind: 'file', field: 'image' }],
    ['audio by the name', 'me/max-sound-of-birds', {}, 'as its name says "sound"', { kind: 'file', field: 'audio' }],
    ['text by the name', 'me/max-review-sorter', {}, 'as its name says "review"', { kind: 'json' }],
    [
      'a file by its label, before the name',
      'me/max-image-forecaster',
      { Labels: { 'org.opencontainers.image.description': 'Forecasts from a CSV file', maintainer: 'audio@me' } },
      'as its label org.opencontainers.image.description says "CSV"',
      { kind: 'file', field: 'file' },
    ],
  ])(
    'what a MAX model takes is guessed, and told with the words to correct it: %s',
    (_case, image, config, why, input) => {
      const { row, guesses } = guess(image, config);
      expect(row.predict.input).toMatchObject(input);
      expect(guesses[1]).toContain(why);
      expect(guesses[1]).toContain("--predict '/model/predict file:text'");
      expect(guess(image, config, { predict: parsePredict('/model/predict file:text') }).guesses).toHaveLength(1);
    },
  );

  test('a mirror of a catalogued image gets that row', () => {
    const { row, guesses } = guess('registry.example/mirror/max-audio-classifier:2', {
      ExposedPorts: { '5000/tcp': {} },
    });
    expect(row).toMatchObject({
      name: 'max-audio-classifier',
      predict: { input: { field: 'audio', contentTypeEnforced: true } },
    });
    expect(guesses).toEqual([
      'server: Audio Classifier, because the image is called max-audio-classifier, like that of row max-audio-classifier',
    ]);
  });
});

describe('an unknown image', () => {
  test('needs a port, and everything else is guessed and reported', () => {
    const { row, guesses } = guess('me/Own_Model:7', { ExposedPorts: { '8000/tcp': {}, '9999/udp': {} } });
    expect(row).toMatchObject({
      name: 'own-model',
      server: { port: 8000, ready: { kind: 'port' } },
      predict: { method: 'POST', path: '/predict', input: { kind: 'json' } },
    });
    expect(guesses).toEqual([
      'port: 8000, the one that the image exposes',
      'ready: once the port is open (--ready says otherwise)',
      'predict: POST /predict json, what most servers have (--predict says otherwise)',
    ]);
  });

  test('with PORT in its environment listens there', () => {
    const { row, guesses } = guess('me/x', {
      Env: ['PORT=7000', 'A=b=c'],
      ExposedPorts: { '7000/tcp': {}, '7001/tcp': {} },
    });
    expect(row.server).toMatchObject({ port: 7000 });
    expect(guesses).toContain("port: 7000, from PORT in the image's environment");
  });

  test.each<[string, Config, string]>([
    ['no port', { ExposedPorts: null }, '--port for me/x is not set; expected a port, as the image exposes none'],
    [
      'several ports',
      { ExposedPorts: { '9000/tcp': {}, '8000/tcp': {} } },
      '--port for me/x is not set; expected one of 8000, 9000',
    ],
  ])('that exposes %s needs --port', (_case, config, message) => {
    expect(() => guess('me/x', config)).toThrow(expect.objectContaining({ name: 'ConfigurationError', message }));
  });

  test('with a full description is not guessed', () => {
    const { row, guesses } = guess(
      'me/x',
      {},
      {
        port: 9000,
        ready: parseReady('/up#state=on'),
        predict: parsePredict('PUT /go file:photo'),
        environment: { PORT: '9000' },
      },
    );
    expect(guesses).toEqual([]);
    expect(row).toMatchObject({
      server: {
        port: 9000,
        ready: { kind: 'json', path: '/up', field: 'state', equals: 'on' },
        environment: { PORT: '9000' },
      },
      predict: { method: 'PUT', path: '/go', input: { kind: 'file', field: 'photo' } },
    });
  });
});

describe('an Express app in an image', () => {
  test.each([
    ['/app/dist/app.js', { kind: 'express', module: '/app/dist/app.js', export: 'app' }],
    ['dist/app.js#default', { kind: 'express', module: 'dist/app.js', export: 'default' }],
  ])('%s', (express, server) => {
    const { row, guesses } = guess(
      'me/max-shop',
      { Cmd: ['node', 'server.js'] },
      { express, predict: parsePredict('POST /x raw') },
    );
    expect(row).toMatchObject({ server, predict: { path: '/x', input: { kind: 'raw' } } });
    expect(guesses).toEqual([]);
  });

  test.each<[string, Partial<GuessRequest>, string]>([
    ['a name that is empty', { express: '/app.js#' }, '--express is "/app.js#"; expected MODULE or MODULE#EXPORT'],
    ['a port', { express: '/app.js', port: 5000 }, '--port is 5000; expected no such option beside --express'],
    ['an argument', { express: '/app.js', args: ['x'] }, '--arg is ["x"]; expected no such option beside --express'],
  ])('with %s is refused', (_case, flags, message) => {
    expect(() => guess('me/x', {}, flags)).toThrow(message);
  });
});

describe('--command and --arg', () => {
  const exec = { Cmd: ['serve', '--fast'] };
  const shell = { Cmd: ['/bin/sh', '-c', 'python app.py --port 8080'] };
  test.each<[string, Config, Partial<GuessRequest>, readonly string[] | undefined]>([
    ['neither', exec, {}, undefined],
    ['a command', exec, { command: `run "a b" --x='c d'` }, ['run', 'a b', '--x=c d']],
    ['arguments', exec, { args: ['--port', '8090'] }, ['serve', '--fast', '--port', '8090']],
    ['arguments of an entrypoint', { Entrypoint: ['/serve'] }, { args: ['--port=1'] }, ['--port=1']],
    ['both', exec, { command: 'run', args: ['a b'] }, ['run', 'a b']],
    ['shell form', shell, { args: ['a b'] }, ['/bin/sh', '-c', `python app.py --port 8080 'a b'`]],
    ['a known kind of server', { Cmd: ['kserve'] }, { args: ['--x'], set: { model: 'm' } }, kserve('--x')],
  ])('%s', (_case, config, flags, command) => {
    const { row } = guess('me/x', config, { port: 8090, ...flags });
    expect('command' in row.server ? row.server.command : undefined).toEqual(command);
  });

  test('an entrypoint in shell form takes no argument', () => {
    const config = { Entrypoint: ['/bin/sh', '-c', 'python app.py'] };
    expect(() => guess('me/x', config, { port: 1, args: ['x'] })).toThrow('--arg is ["x"]; expected no argument');
  });

  function kserve(...more: readonly string[]): readonly string[] {
    return ['--http_port=8090', '--model_name=m', '--model_dir=/mnt/models', ...more];
  }
});

test("a server on the adapter's own port: the hint has the flags that move it, and the templates that do", () => {
  const { row, portHint } = guess('me/x', { ExposedPorts: { '8080/tcp': {} } });
  expect(() => assertBuildable(row, portHint)).toThrow(
    expect.objectContaining({
      code: 'PORT_CLASH',
      hint: expect.stringMatching(
        /--env PORT=8090.*--arg --port=8090.*--command.*torchserve.*--models NAME --base me\/x/,
      ) as string,
    }),
  );
});

describe('flags win over what was recognised', () => {
  const config = { Cmd: ['python', 'app.py'], ExposedPorts: { '5000/tcp': {} } };

  test('and leave the rest of it', () => {
    const { row } = guess('me/x', config, {
      predict: parsePredict('/model/explain'),
      ready: parseReady('/model/metadata'),
    });
    expect(row).toMatchObject({
      server: { port: 5000, ready: { kind: 'get', path: '/model/metadata', status: [200, 399] } },
      predict: { method: 'POST', path: '/model/explain', input: { kind: 'file', field: 'image' } },
    });
  });
});

test.each([
  ['port', { kind: 'port' }],
  ['/health', { kind: 'get', path: '/health', status: [200, 399] }],
  ['/health#204', { kind: 'get', path: '/health', status: [204, 204] }],
  ['/health#200-299', { kind: 'get', path: '/health', status: [200, 299] }],
  ['/v1/models/x:y#a.0.b=ON=1', { kind: 'json', path: '/v1/models/x:y', field: 'a.0.b', equals: 'ON=1' }],
])('--ready %s', (ready, expected) => {
  expect(guess('me/x', {}, { port: 1, ready: parseReady(ready) }).row.server).toMatchObject({ ready: expected });
});

test.each(['', 'health', '/a#', '/a#2xx', '/a#1#2', '/a#=x'])('--ready %j is refused', (ready) => {
  expect(() => parseReady(ready)).toThrow(/^--ready is ".*"; expected port, /);
});

test.each([
  ['/go', { method: 'POST', path: '/go', input: { kind: 'json' } }],
  ['GET /go', { method: 'GET', path: '/go', input: { kind: 'query' } }],
  ['POST /go raw', { method: 'POST', path: '/go', input: { kind: 'raw', contentType: 'application/octet-stream' } }],
  ['/go raw:image/png', { method: 'POST', path: '/go', input: { kind: 'raw', contentType: 'image/png' } }],
  ['POST /go query', { method: 'POST', path: '/go', input: { kind: 'query' } }],
  [
    '/go file:x',
    { method: 'POST', path: '/go', input: { kind: 'file', field: 'x', contentType: 'application/octet-stream' } },
  ],
])('--predict %s', (predict, expected) => {
  const { row } = guess('me/x', {}, { port: 1, predict: parsePredict(predict) });
  expect(row.predict).toMatchObject(expected);
});

test.each(['', 'go', 'DELETE /go', '/go xml', '/go file:', '/go json json'])('--predict %j is refused', (predict) => {
  expect(() => parsePredict(predict)).toThrow(/^--predict is ".*"; expected /);
});

test('an invalid configuration is refused by key', () => {
  expect(() => guessRow({ image: 'me/x', config: { Cmd: 'serve' }, catalogue: rows })).toThrow(
    'configuration of me/x key Cmd is "serve"; expected a list',
  );
});

test.each([
  ['POST /predict?top file:file', ['top']],
  ['/predict?top&lang json', ['top', 'lang']],
  ['GET /predict?q', ['q']],
  ['POST /predict file:file', []],
])('--predict %j declares the query parameters %j', (flag, names) => {
  const { row } = guess('me/x', {}, { port: 1, predict: parsePredict(flag) });
  expect(row.predict.path).toBe('/predict');
  expect(row.predict.parameters.map(({ name }) => name)).toEqual(names);
});

test("--predict leaves a recognised server's query parameters as they are, unless it names some", () => {
  const known = modelRow.shape.predict.parse({ input: { kind: 'json' }, parameters: [{ name: 'verbose' }] });
  expect(predictRoute(parsePredict('/q'), known)).toMatchObject({ parameters: [{ name: 'verbose' }] });
  expect(predictRoute(parsePredict('/q?top'), known)).toMatchObject({ parameters: [{ name: 'top' }] });
});

test('--route adds routes that take a file; the adapter gets no others', () => {
  const routes = [parsePredict('POST /classify?top file:image', '--route'), parsePredict('/plain', '--route')];
  const { row } = guess('me/x', {}, { port: 1, routes });
  const input = { kind: 'file', field: 'image' };
  expect(row.routes).toMatchObject([{ method: 'POST', path: '/classify', input, parameters: [{ name: 'top' }] }, {}]);
  const others = modelRow.shape.routes.parse([{ path: '/health' }]);
  expect(runtimeRow({ ...row, routes: [...row.routes, ...others] }).routes).toEqual(row.routes);
  expect(() => parsePredict('/a b', '--route')).toThrow(/^--route is "\/a b"; expected /);
});

test.each([
  [
    ':8081/models/x#0.workers.0.status=READY',
    { port: 8081, path: '/models/x', field: '0.workers.0.status', equals: 'READY' },
  ],
  ['/health-check#status=READY!SETUP_FAILED,UNHEALTHY', { equals: 'READY', failed: ['SETUP_FAILED', 'UNHEALTHY'] }],
  [':9000/health#200', { kind: 'get', port: 9000, status: [200, 200] }],
])('--ready %s', (flag, expected) => {
  expect(parseReady(flag)).toMatchObject(expected);
});
