import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildCli, type CliResult } from '../support/build-cli.ts';
import { lacks } from '../support/requirements.ts';

const catalogue = ['--catalogue', join(import.meta.dirname, '../image/fixtures/models.json')];

/** No test here uses an engine: every command line is a dry run, or is refused first. */
async function dryRun(...words: readonly string[]): Promise<CliResult> {
  return buildCli([...words, ...catalogue, '--dry-run'], {});
}

describe('an invalid command line ends with 2 and one line that names the problem', () => {
  const digits = ['--models', 'digits', '--username', 'me'];
  const image = ['--image', 'me/x', '--username', 'me'];
  test.each<[string[], string]>([
    [['--username', 'me'], '--models is not set; expected names'],
    [['--models', 'digits'], '--username is not set; expected who owns'],
    [['--models', 'digits,,words', '--username', 'me'], '--models is "digits,,words"; expected'],
    [['--models', '--username', 'me'], '--models is "--username"; expected names'],
    [['--models', 'digits', '--username', 'Me'], '--username is "Me"; expected lower case'],
    [['--models', 'digits', '--username', 'me/too'], '--username is "me/too"; expected a name without "/"'],
    [[...digits, '--registry', 'https://quay.io'], '--registry is "https://quay.io"; expected HOST'],
    [[...digits, '--registry', 'localhost:65536'], '--registry is "localhost:65536"; expected HOST'],
    [[...digits, '--registry', 'quay..io'], '--registry is "quay..io"; expected HOST'],
    [[...digits, '--tag', 'a b'], '--tag is "a b"; expected'],
    [[...digits, '--jobs', '0'], '--jobs is "0"; expected a whole number from 1'],
    [[...digits, '--jobs', 'many'], '--jobs is "many"; expected a whole number from 1'],
    [[...digits, '--platform', 'windows/amd64'], '--platform is "windows/amd64"; expected linux/'],
    [[...digits, '--engine', 'podman'], '--engine is "podman"; expected docker or registry'],
    [[...digits, '--runtime-image', 'node 24'], '--runtime-image is "node 24"; expected an image reference'],
    [[...digits, '--base', 'digits='], '--base is "digits="; expected NAME=IMAGE'],
    [[...digits, '--base', 'words=mine'], '--base is "words=mine"; expected the name of a model being built: digits'],
    [[...digits, 'words', '--models', 'words'], 'argument is "words"; expected options only'],
    [['--models', 'digits', 'words', '--username', 'me', '--base', 'mine'], '--base is "mine"; expected NAME=IMAGE'],
    [[...digits, '--base', 'digits=Mine'], '"Mine" is not an image reference: a repository name is lower case'],
    [[...digits, '--runtime-image', 'Node'], '"Node" is not an image reference: a repository name is lower case'],
    [[...digits, '--set', 'model'], '--set is "model"; expected NAME=VALUE'],
    [[...digits, '--set', 'model=x'], '--set is "model"; expected no value: row digits is not a template'],
    [['--models', 'serving', '--username', 'me'], '--set model is not set; expected a value for serving'],
    [[...digits, '--catalogue', 'none.json'], 'catalogue is "none.json"; expected a readable JSON file'],
    [[...digits, '--usrname', 'me'], "unknown option '--usrname'"],
    [
      [...digits, '--for', 'lambda,ec2'],
      '--for is "lambda,ec2"; expected openwhisk, lambda, sagemaker, vertex, scf, azure, knative,',
    ],
    [[...digits, '--insecure', 'x:99999'], '--insecure is "x:99999"; expected HOST or HOST:PORT'],
    [['--username', 'me', '--image', 'x.io:99999/y'], '"x.io:99999" is not a registry host'],
    [[...digits, '--insecure', 'http://x'], '--insecure is "http://x"; expected HOST or HOST:PORT'],
    [[...digits, '--insecure', 'x', '--engine', 'docker'], '--insecure is ["x"]; expected --engine registry'],
    [[...digits, '--check', '--engine', 'registry'], '--check is true; expected --engine docker'],
    [[...digits, '--check', '--output', 'oci:x'], '--check is true; expected --engine docker'],
    [[...digits, '--output', 'x'], '--output is "x"; expected oci:DIR or docker-archive:FILE'],
    [[...digits, '--output', 'oci:x', '--engine', 'docker'], '--output is "oci:x"; expected --engine registry'],
    [
      ['--models', 'all', '--username', 'me', '--output', 'docker-archive:x'],
      '--output is "docker-archive:x"; expected oci:DIR',
    ],
    [[...digits, '--no-push', '--engine', 'registry'], '--no-push is true; expected --dry-run'],
    [[...digits, '--image', 'me/x'], '--models does not go with --image'],
    [[...image, '--base', 'x=y'], '--base does not go with --image'],
    [['--image', 'me/x'], '--username is not set; expected who owns'],
    [['--username', 'me', '--image', 'not one'], '--image is "not one"; expected an image reference'],
    [[...digits, '--port', '5000'], '--port needs --image'],
    [[...digits, '--ready', 'port'], '--ready needs --image'],
    [[...digits, '--predict', '/go'], '--predict needs --image'],
    [[...digits, '--env', 'A=b'], '--env needs --image'],
    [[...image, '--port', '0'], '--port is "0"; expected a TCP port'],
    [[...image, '--port', '65536'], '--port is "65536"; expected a TCP port'],
    [[...image, '--ready', 'health'], '--ready is "health"; expected port, [:PORT]/PATH'],
    [[...image, '--predict', 'go'], '--predict is "go"; expected "[METHOD] /PATH'],
    [[...image, '--express', '/app.js', '--port', '5000'], '--port is 5000; expected no such option beside --express'],
    [[...image, '--env', '1=b'], '--env is "1=b"; expected NAME=VALUE'],
    [['lits'], 'there is no command "lits"'],
    [['--quiet', 'list'], 'argument is "list"; expected options only'],
    [['show'], "missing required argument 'name'"],
    [['copy', 'me/x'], "missing required argument 'target'"],
    [['copy', 'me/x', 'me/y', 'me/z'], "too many arguments for 'copy'. Expected 2 arguments but got 3"],
    [['copy', 'me/x', 'a/b/c'], '"a/b/c" is not an image reference: a repository on Docker Hub is USER/NAME'],
    [['copy', 'me/X', 'me/x'], '"me/X" is not an image reference: a repository name is lower case'],
    [['copy', 'me/x', 'me/y', '--models', 'digits'], "unknown option '--models'"],
    [['try', 'a b'], '"a b" is not an image reference'],
    [['try', 'me/x', '--express', '/app.js', '--command', 'serve'], '--command is "serve"; expected no such option'],
    [['try', 'Iris'], '"Iris" is not an image reference: a repository name is lower case'],
    [['verify', 'Iris'], '"Iris" is not an image reference: a repository name is lower case'],
    [['help', 'lits'], 'there is no command "lits"'],
    [['verify'], "missing required argument 'image'"],
    [['verify', 'me/x', '--platform', 'windows/amd64'], '--platform is "windows/amd64"; expected linux/'],
  ])('%j', async (words, expected) => {
    const isCommand = ['show', 'copy', 'verify', 'try', 'help', 'lits'].includes(words[0] ?? '');
    const ownCatalogue = isCommand || words.includes('--catalogue');
    const { exitCode, stdout, stderr } = await buildCli([...(ownCatalogue ? [] : catalogue), ...words], {});
    const [line, ...more] = stderr.trimEnd().split('\n');
    expect({ exitCode, stdout, line }).toEqual({
      exitCode: 2,
      stdout: '',
      line: expect.stringContaining(expected) as string,
    });
    expect(line).toMatch(/^error: /);
    expect(more.filter((text) => !text.startsWith('  hint: '))).toEqual([]);
  });
});

test.each([
  [['--nothing-like-it'], './build.ts --help shows all options'],
  [['try'], './build.ts try --help shows all options'],
  [['start', '--listen', '1'], './build.ts start --help shows all options'],
  [['call', 'a', '--concurency-of-calls', '1'], './build.ts call --help shows all options'],
])('%j gets a hint at the help that shows the options of its command', async (words, hint) => {
  expect((await buildCli(words, {})).stderr).toContain(`  hint: ${hint}\n`);
});

test('the help shows the options, the examples and the exit codes of a build', async () => {
  const { exitCode, stdout, stderr } = await buildCli(['--help'], {});
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const build = (await buildCli(['build', '--help'], {})).stdout;
  expect(build).toMatch(/\n {2}--models [\s\S]*\nExamples:\n[\s\S]*\nExit code: 0 /);
  expect(stdout).toContain(build.trim());
});

test.each([
  ['verify', 'oci:none', 'error: none/index.json cannot be read (ENOENT)\n  hint: name a folder'],
  ['verify', 'docker-archive:none', 'ENOENT'],
])('%s %s tells what is wrong with the image before it needs any registry', async (command, image, expected) => {
  const { exitCode, stderr } = await buildCli([command, image, '--runtime-image', '127.0.0.1:1/node'], {});
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining(expected) as string });
});

test.each(['node 24', ''])('MODELWHISK_RUNTIME_IMAGE=%s is refused by its name', async (image) => {
  const { exitCode, stderr } = await buildCli(['verify', 'me/x'], { MODELWHISK_RUNTIME_IMAGE: image });
  const expected = `error: MODELWHISK_RUNTIME_IMAGE is ${JSON.stringify(image)}; expected an image reference`;
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(expected) as string });
});

test.each([
  ['digit', 'did you mean digits?'],
  ['wrods', 'did you mean words?'],
  ['ser', 'did you mean serving?'],
  ['nothing-like-it', 'the command list shows them all'],
])('a model %j that is not in the catalogue gets the hint %j', async (name, hint) => {
  const { exitCode, stderr } = await dryRun('--models', name, '--username', 'me');
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(`error: no model "${name}" in the catalogue\n  hint: ${hint}`);
});

test.each([
  [['list'], true],
  [['show', 'iris'], true],
  [['--models', 'iris', '--username', 'me', '--dry-run'], true],
  [['--models', 'iris', '--username', 'me', '--dry-run', '--quiet'], false],
])('%j of a catalogue with a key of old is answered, with a warning: %s', async (words, warns) => {
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-catalogue-'));
  const file = join(folder, 'mine.json');
  const row = { name: 'iris', title: 'Iris', image: 'me/iris', licence: 'MIT', server: { kind: 'http', port: 5000 } };
  await writeFile(file, JSON.stringify({ models: [{ ...row, predict: { input: { kind: 'json' } } }] }));
  const { exitCode, stdout, stderr } = await buildCli([...words, '--catalogue', file], {});
  await rm(folder, { recursive: true });
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining('iris') as string });
  expect(stderr).toBe(warns ? 'warning: mine.json row iris key licence is called license now\n' : '');
});

describe('--models takes names', () => {
  test.each([
    ['apart', ['--models', 'digits', 'words'], ['digits', 'words']],
    ['joined by commas', ['--models', 'words,digits'], ['words', 'digits']],
    ['joined by blanks', ['--models', 'words digits'], ['words', 'digits']],
    ['joined by both', ['--models', ' words, digits '], ['words', 'digits']],
    ['one flag each', ['--models', 'words', '--models', 'digits'], ['words', 'digits']],
    ['twice, to build once', ['--models', 'digits,digits'], ['digits']],
    ['all, which leaves out templates', ['--models', 'all'], ['digits', 'words', 'clash']],
  ])('%s', async (_, words, names) => {
    const { stdout } = await dryRun(...words, '--username', 'me', '--json');
    expect((JSON.parse(stdout) as { models: { model: string }[] }).models.map(({ model }) => model)).toEqual(names);
  });
});

describe('MODELS and USERNAME stand for the flags of these names', () => {
  const planned = async (environment: Record<string, string>, ...words: readonly string[]): Promise<CliResult> =>
    buildCli([...words, ...catalogue, '--dry-run', '--quiet'], environment);

  test.each<[Record<string, string>, string[], string]>([
    [{ MODELS: 'digits words', USERNAME: 'me' }, [], 'me/digits\nme/words\n'],
    [{ MODELS: 'digits,words', USERNAME: 'me' }, ['build'], 'me/digits\nme/words\n'],
    [{ MODELS: 'digits', USERNAME: 'me' }, ['--models', 'words', '--username', 'you'], 'you/words\n'],
    [{ USERNAME: 'me' }, ['--models', 'words'], 'me/words\n'],
    // A desktop sets USERNAME. With MODELS, both are the user's own.
    [{ USERNAME: 'me', USER: 'me', MODELS: 'words' }, [], 'me/words\n'],
  ])('%j, %j', async (environment, words, stdout) => {
    expect(await planned(environment, ...words)).toEqual({ exitCode: 0, stdout, stderr: '' });
  });

  test.each<[Record<string, string>, string[], string]>([
    [{ MODELS: '', USERNAME: 'me' }, [], '--models is not set'],
    [{ MODELS: 'digits' }, [], '--username is not set'],
    [{ MODELS: 'digits', USERNAME: 'Me' }, [], '--username is "Me"; expected lower case'],
    [{ USERNAME: 'me', USER: 'me' }, ['--models', 'digits'], '--username is not set'],
    [{ USERNAME: 'me', LOGNAME: 'me' }, ['--models', 'digits'], '--username is not set'],
  ])('%j, %j is refused', async (environment, words, message) => {
    const { exitCode, stderr } = await planned(environment, ...words);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(message) as string });
  });
});

describe('the image made is named', () => {
  test.each([
    [[], 'me/digits'],
    [['--tag', 'v1'], 'me/digits:v1'],
    [['--registry', 'quay.io'], 'quay.io/me/digits'],
    [['--registry', '127.0.0.1:5000', '--tag', 'v1', '--username', 'team/me'], '127.0.0.1:5000/team/me/digits:v1'],
  ])('with %j: %s', async (words, name) => {
    const { stdout } = await dryRun('--models', 'digits', '--username', 'me', ...words, '--quiet');
    expect(stdout).toBe(`${name}\n`);
  });
});

describe('--base', () => {
  const pinned = `localhost:5000/w@sha256:${'0'.repeat(64)}`;
  test.each([
    [['--models', 'digits', '--base', 'mine:dev'], { digits: 'mine:dev' }],
    [['--models', 'digits,words', '--base', `words=${pinned}`, '--base', 'digits=d'], { digits: 'd', words: pinned }],
    [['--models', 'words'], { words: 'example/words:1.2' }],
  ])('%j', async (words, bases) => {
    const { stdout } = await dryRun(...words, '--username', 'me', '--json');
    const { models } = JSON.parse(stdout) as { models: { model: string; base: { name: string } }[] };
    expect(Object.fromEntries(models.map(({ model, base }) => [model, base.name]))).toEqual(bases);
  });
});

test('--set fills in a template', async () => {
  const { stdout } = await dryRun('--models', 'serving', '--set', 'model=half', '--username', 'me', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    models: [{ model: 'serving-half', base: { name: 'example/serving:half' } }],
  });
});

test('a dry run ends with the lines that create and call each action', async () => {
  const { exitCode, stdout, stderr } = await dryRun('--models', 'digits,words', '--username', 'me');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout.split('\n').map((line) => line.replace(/ {2}#.*$/, ''))).toEqual([
    'MODEL   IMAGE      RESULT',
    'digits  me/digits  would be made from example/digits',
    'words   me/words   would be made from example/words:1.2',
    '',
    'digits on openwhisk',
    '  wsk action create digits --docker me/digits --web true -m 512 -t 300000',
    '  ibmcloud wsk action create digits --docker me/digits --web true -m 512 -t 300000',
    '  curl -F image=@image.png https://APIHOST/api/v1/web/NAMESPACE/default/digits',
    '  wsk action delete digits',
    '',
    'words on openwhisk',
    '  wsk action create words --docker me/words --web true -m 1024 -t 300000',
    '  ibmcloud wsk action create words --docker me/words --web true -m 1024 -t 300000',
    `  curl -H 'Content-Type: application/json' -d '{"text":"it'\\''s"}' https://APIHOST/api/v1/web/NAMESPACE/default/words`,
    '  wsk action delete words',
    '  note: OpenWhisk allows 512 MB unless its operator raised the limit (CONFIG_whisk_memory_max)',
    '',
  ]);
});

describe('--for chooses platforms', () => {
  test.each([
    [[], ['openwhisk']],
    [['--for', 'lambda'], ['lambda']],
    [
      ['--for', 'scf,lambda', '--for', 'scf,knative'],
      ['scf', 'lambda', 'knative'],
    ],
    [
      ['--for', 'all'],
      ['openwhisk', 'lambda', 'sagemaker', 'vertex', 'scf', 'azure', 'knative', 'cloud-run', 'code-engine'],
    ],
  ])('%j', async (words, platforms) => {
    const digits = ['--models', 'digits', '--username', 'me', ...words];
    const { models } = JSON.parse((await dryRun(...digits, '--json')).stdout) as {
      models: { deployments: { platform: string; steps: { command: string }[]; call: { command: string } }[] }[];
    };
    expect(models[0]?.deployments.map(({ platform }) => platform)).toEqual(platforms);
    const { stdout } = await dryRun(...digits);
    expect(stdout.match(/(?<=^digits on ).*$/gm)).toEqual(platforms);
    for (const { steps, call } of models[0]?.deployments ?? []) {
      for (const { command } of [...steps, call]) expect(stdout).toContain(`\n  ${command}`);
    }
  });
});

test('--json gives one document, with an error for a row that cannot be built, and exit code 1', async () => {
  const { exitCode, stdout, stderr } = await dryRun(
    '--models',
    'digits,clash',
    '--username',
    'me',
    '--json',
    '--quiet',
  );
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    engine: null,
    models: [
      {
        model: 'digits',
        status: 'planned',
        target: 'me/digits',
        base: { name: 'example/digits' },
        deployments: [
          {
            platform: 'openwhisk',
            steps: [
              {
                command: 'wsk action create digits --docker me/digits --web true -m 512 -t 300000',
                alternative: 'ibmcloud wsk action create digits --docker me/digits --web true -m 512 -t 300000',
              },
            ],
            update: [
              {
                command: 'wsk action update digits --docker me/digits --web true -m 512 -t 300000',
                alternative: 'ibmcloud wsk action update digits --docker me/digits --web true -m 512 -t 300000',
              },
            ],
            remove: [{ command: 'wsk action delete digits', alternative: 'ibmcloud wsk action delete digits' }],
            call: {
              command: 'curl -F image=@image.png https://APIHOST/api/v1/web/NAMESPACE/default/digits',
              comment: 'wsk action get digits --url tells the URL',
            },
            notes: [],
          },
        ],
      },
      {
        model: 'clash',
        status: 'failed',
        target: 'me/clash',
        base: { name: 'example/clash' },
        error: {
          code: 'PORT_CLASH',
          message: expect.stringContaining('8080') as string,
          hint: expect.stringContaining('server.port') as string,
        },
      },
    ],
  });
  expect(stderr).toMatch(/^error: clash: .*8080.*\n {2}hint: .*\n$/);
});

test.each([
  [['--help'], /^Usage: \.\/build\.ts [^]*\n {2}verify [^]*--models <names\.\.\.>/],
  [['help', 'build'], /^Usage: \.\/build\.ts build \[options\]\n[^]*Examples:\n {2}\.\/build\.ts --models digits/],
  [['--version'], /^\d+\.\d+\.\d+\n$/],
  [['list', ...catalogue], /^NAME .*\ndigits .*\nwords /],
  [['list', '--json', ...catalogue], /^\[\n {2}\{\n {4}"name": "digits"/],
  [['show', 'digits', ...catalogue], /^name +digits\n/],
  [['show', 'digits', '--json', ...catalogue], /^\{\n {2}"name": "digits"/],
])('%j prints to stdout and ends with 0', async (words, expected) => {
  expect(await buildCli(words, {})).toEqual({
    exitCode: 0,
    stdout: expect.stringMatching(expected) as string,
    stderr: '',
  });
});

describe('colours go to a terminal, unless NO_COLOR is set', () => {
  test.each([
    ['an error', ['show', 'nothing', ...catalogue], '\u001b[31merror:'],
    ['a report', ['--models', 'digits', '--username', 'me', '--dry-run', ...catalogue], '\u001b[1mdigits'],
  ])('%s', async (_what, words, coloured) => {
    const { main } = await import('../../cli/main.ts');
    const printed = async (environment: Record<string, string>, isTTY: boolean): Promise<string> => {
      let text = '';
      const sink = { isTTY, write: (more: string) => void (text += more) };
      await main(words, environment, { stdout: sink, stderr: sink });
      return text;
    };
    expect(await printed({}, true)).toContain(coloured);
    expect(await printed({ NO_COLOR: '1' }, true)).not.toContain('\u001b');
    expect(await printed({}, false)).not.toContain('\u001b');
  });
});

test('verify says if nothing can be reached, with a matching hint', async () => {
  const words = ['verify', '127.0.0.1:1/me/x', '--runtime-image', '127.0.0.1:1/library/node:24'];
  expect(await buildCli(words, { HOME: '/nonexistent' })).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /^error: connection to 127\.0\.0\.1:1 failed \(ECONNREFUSED\).*\n {2}hint: check the network and the name of the registry, or try again later\n$/,
    ) as string,
  });
});

describe('without a working engine', () => {
  const words = ['--models', 'digits', '--username', 'me', ...catalogue, '--engine', 'docker'];

  const noEngine: [string, Record<string, string | undefined>, string] = [
    'no engine',
    { PATH: process.env['PATH'], DOCKER_HOST: 'unix:///nonexistent.sock' },
    'no Docker engine answers',
  ];
  test.each<[title: string, environment: Record<string, string | undefined>, message: string]>([
    ['no docker command', { PATH: '/nonexistent' }, 'no docker command on the PATH'],
    ...(lacks('docker') ? [] : [noEngine]),
  ])('%s: one line and a hint', async (_, environment, message) => {
    const { exitCode, stdout, stderr } = await buildCli(words, environment);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toBe(
      `error: ${message}\n  hint: start Docker; build, adapter and rewrap can do without it, by --engine registry\n`,
    );
  });

  test('--json also prints it on stdout', async () => {
    const { exitCode, stdout, stderr } = await buildCli([...words, '--json'], { PATH: '/nonexistent' });
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'NO_ENGINE',
        message: 'no docker command on the PATH',
        hint: 'start Docker; build, adapter and rewrap can do without it, by --engine registry',
      },
    });
    expect(stderr).toMatch(/^error: no docker command/);
  });

  test('--no-push is only for the docker engine', async () => {
    const here = ['--models', 'digits', '--username', 'me', ...catalogue, '--no-push'];
    const { exitCode, stderr } = await buildCli(here, { PATH: '/nonexistent' });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no docker') as string });
  });

  test('--verbose adds the error’s stack', async () => {
    const { stderr } = await buildCli([...words, '--verbose'], { PATH: '/nonexistent' });
    expect(stderr).toMatch(/\n {4}at .*errors\.ts/);
  });
});
