import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lacks } from '../../support/requirements.ts';
import { pushBase } from '../../image/registry/support/base-images.ts';
import { skopeoInspect } from '../../image/registry/support/skopeo.ts';
import { type RegistryCli, startRegistryCli } from './registry-cli.ts';

describe.skipIf(lacks('docker-registry', 'skopeo'))('build.ts --image', () => {
  let cli: RegistryCli;
  beforeAll(async () => {
    cli = await startRegistryCli();
    const iris = { Cmd: ['/serve'], ExposedPorts: { '9000/tcp': {} } };
    await pushBase(cli.host, 'models/iris', '2', { config: iris });
    await pushBase(cli.host, 'models/mute', 'latest', { config: { Cmd: ['/serve'] } });
    await pushBase(cli.host, 'models/clash', 'latest', { config: { ...iris, ExposedPorts: { '8080/tcp': {} } } });
    await pushBase(cli.host, 'models/birds', 'latest', {
      config: { Cmd: ['python', 'app.py'], ExposedPorts: { '5000/tcp': {} } },
    });
  });
  afterAll(async () => cli.close());

  async function build(name: string, ...words: readonly string[]) {
    const target = ['--username', 'me', '--registry', cli.host];
    return cli.run(['--image', `${cli.host}/models/${name}`, ...target, ...cli.layers, ...words]);
  }

  test('prints what it guessed, and makes the image; without Docker by the registry engine', async () => {
    const { exitCode, stdout, stderr } = await build('iris:2', '--json');
    const guesses = [
      'port: 9000, the one that the image exposes',
      'ready: once the port is open (--ready says otherwise)',
      'predict: POST /predict json, what most servers have (--predict says otherwise)',
    ];
    expect(exitCode).toBe(0);
    expect(stderr.split('\n').filter((line) => line.includes('guessed'))).toEqual(
      guesses.map((guess) => `[iris] guessed ${guess}`),
    );
    expect(JSON.parse(stdout)).toMatchObject({
      engine: 'registry',
      models: [
        {
          model: 'iris',
          status: 'pushed',
          target: `${cli.host}/me/iris`,
          base: { name: `${cli.host}/models/iris:2` },
          guesses,
        },
      ],
    });
    expect(await rowOf('iris')).toMatchObject({
      name: 'iris',
      server: { kind: 'http', port: 9000, ready: { kind: 'port' } },
      predict: { method: 'POST', path: '/predict', input: { kind: 'json' } },
    });
  });

  test('described parts are not guessed', async () => {
    const said = ['--port', '7000', '--ready', '/up#200-204', '--predict', 'PUT /go file:photo', '--env', 'PORT=7000'];
    const { exitCode, stderr } = await build('mute', ...said);
    expect(exitCode).toBe(0);
    expect(stderr).not.toContain('guessed');
    expect(await rowOf('mute')).toMatchObject({
      server: { port: 7000, ready: { kind: 'get', path: '/up', status: [200, 204] }, environment: { PORT: '7000' } },
      predict: { method: 'PUT', path: '/go', input: { kind: 'file', field: 'photo' } },
    });
  });

  test('a server that takes its port as an argument is moved by --arg and --command', async () => {
    const moved = ['--port', '8090', '--predict', 'POST /classify raw', '--command', "serve 'my model'"];
    const { exitCode, stderr } = await build('clash', ...moved, '--arg', '--port', '--arg', '8090');
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(await rowOf('clash')).toMatchObject({
      server: { port: 8090, command: ['serve', 'my model', '--port', '8090'] },
      predict: { path: '/classify', input: { kind: 'raw' } },
    });
  });

  test('an Express app is run in process by --express', async () => {
    const { exitCode } = await build('mute', '--express', '/app/dist/app.js#server', '--tag', 'latest');
    expect(exitCode).toBe(0);
    expect(await rowOf('mute')).toMatchObject({
      server: { kind: 'express', module: '/app/dist/app.js', export: 'server' },
    });
  });

  test('--set is refused if no placeholder needs a value', async () => {
    const { exitCode, stderr } = await build('iris:2', '--set', 'model=x');
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('error: --set is "model"; expected no value') as string,
    });
  });

  test('a known kind of server is recognised, and its curl line shown', async () => {
    const { stdout, stderr } = await build('birds', '--dry-run');
    expect(stderr.split('\n')).toEqual([
      '[birds] guessed server: MAX model, because it runs python app.py and exposes port 5000',
      expect.stringContaining(
        '[birds] guessed predict: POST /model/predict file:image, as most MAX models take',
      ) as string,
      '',
    ]);
    expect(stdout).toContain('\n  curl -F image=@image.jpg https://APIHOST/api/v1/web/NAMESPACE/default/birds');
  });

  test('a dry run reads the configuration and writes nothing', async () => {
    const before = cli.registry.access().length;
    const { exitCode, stdout } = await build('iris:2', '--dry-run', '--tag', 'dry', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ engine: null, models: [{ status: 'planned' }] });
    const asked = cli.registry.access().slice(before);
    expect(asked.map((line) => line.split(' ')[0])).toEqual(asked.map(() => 'GET'));
    expect(asked.length).toBeGreaterThan(0);
  });

  test('--quiet keeps guesses back', async () => {
    const { stdout, stderr } = await build('iris:2', '--dry-run', '--quiet');
    expect({ stdout, stderr }).toEqual({ stdout: `${cli.host}/me/iris\n`, stderr: '' });
  });

  test.each([
    ['an image without a port', 'mute', 2, /^error: --port for \S+\/models\/mute is not set; expected a port/],
    [
      'a server on the adapter’s port',
      'clash',
      1,
      /error: clash: .* port 8080, which is the adapter's own\n {2}hint: Move it: .*--arg --port=8090.*torchserve/,
    ],
    ['a missing image', 'none', 1, /^error: \S+\/models\/none:latest does not exist.*\n {2}hint: check/],
  ])('%s ends with one line and says what to do', async (_title, name, expected, message) => {
    const { exitCode, stderr } = await build(name, '--quiet');
    expect(exitCode).toBe(expected);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  });

  test('an image with the adapter in it is not wrapped again', async () => {
    await build('iris:2', '--tag', 'once');
    const again = ['--username', 'me', '--registry', cli.host, '--quiet'];
    const { exitCode, stderr } = await cli.run(['--image', `${cli.host}/me/iris:once`, ...again]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr:
        `error: ${cli.host}/me/iris:once already has the adapter in it\n` +
        `  hint: use the image that it was made from: ${cli.host}/models/iris:2\n`,
    });
  });

  async function rowOf(name: string): Promise<unknown> {
    const { Env } = (await skopeoInspect(`${cli.host}/me/${name}:latest`)) as { readonly Env: readonly string[] };
    const row = Env.find((variable) => variable.startsWith('MODELWHISK_MODEL='));
    return JSON.parse(row?.slice('MODELWHISK_MODEL='.length) ?? '');
  }
});
