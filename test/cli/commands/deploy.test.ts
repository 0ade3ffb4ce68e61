import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildCli, type CliResult } from '../../support/build-cli.ts';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'deploy-'));
});

afterEach(async () => rm(home, { recursive: true }));

async function run(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<CliResult> {
  return buildCli(words, { HOME: home, PATH: process.env['PATH'], ...environment });
}

describe('deploy and remove on OpenWhisk', () => {
  let server: Server;
  let environment: Record<string, string>;
  let actions: Map<string, { annotations: unknown[]; exec?: unknown; limits?: unknown }>;
  let answers: ((response: ServerResponse) => void)[];

  // Stands for the REST API of a real controller and the web action behind it.
  beforeEach(async () => {
    actions = new Map();
    answers = [];
    server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    environment = {
      __OW_API_HOST: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      __OW_API_KEY: 'user:key',
    };
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, name = ''] = /^\/api\/v1\/namespaces\/_\/actions\/([^?]+)/.exec(request.url ?? '') ?? [];
    response.setHeader('content-type', 'application/json');
    if (name === '') {
      (answers.shift() ?? (() => response.writeHead(405).end('{"message":"Method Not Allowed"}')))(response);
    } else if (request.headers.authorization !== `Basic ${Buffer.from('user:key').toString('base64')}`) {
      response.writeHead(401).end('{"error":"The supplied authentication is invalid"}');
    } else if (request.method === 'PUT') {
      actions.set(name, (await json(request)) as { annotations: unknown[] });
      response.end(JSON.stringify({ namespace: 'guest', ...actions.get(name) }));
    } else if (actions.has(name)) {
      response.end(JSON.stringify({ namespace: 'guest', ...actions.get(name) }));
      if (request.method === 'DELETE') actions.delete(name);
    } else response.writeHead(404).end('{"error":"The requested resource does not exist."}');
  }

  test('creates a web action with memory and time limit, waits for its first answer, and removes it', async () => {
    answers = [(response) => response.writeHead(503).end()];
    const created = await run(['deploy', 'digits', '--username', 'me'], environment);
    expect(created.exitCode).toBe(0);
    const url = `${environment['__OW_API_HOST']}/api/v1/web/guest/default/digits`;
    expect(created.stdout).toBe(`${url}\n\n  curl -F image=@examples/digits/samples/7.png ${url}\n`);
    expect(created.stderr).toContain('creating digits on http://127.0.0.1:');
    expect(actions.get('digits')).toMatchObject({
      exec: { kind: 'blackbox', image: 'me/digits' },
      annotations: expect.arrayContaining([
        { key: 'web-export', value: true },
        { key: 'raw-http', value: false },
        { key: 'final', value: true },
      ]) as unknown,
      limits: { memory: 512, timeout: 300_000 },
    });
    const updated = await run(['deploy', 'digits', '--username', 'me', '--raw', '--json', '--quiet'], environment);
    expect(JSON.parse(updated.stdout)).toMatchObject({
      model: 'digits',
      platform: 'openwhisk',
      status: 'updated',
      url,
    });
    const removed = await run(['remove', 'digits'], environment);
    expect([removed.exitCode, removed.stdout, actions.size]).toEqual([0, 'removed digits from openwhisk\n', 0]);
  });

  test.each(['deploy', 'remove'])(
    '%s does not change what something else created, unless told otherwise',
    async (command) => {
      actions.set('digits', { annotations: [{ key: 'exec', value: 'nodejs:20' }] });
      const refused = await run([command, 'digits', '--username', 'me'], environment);
      expect([refused.exitCode, refused.stderr]).toEqual([
        1,
        expect.stringMatching(/The action digits .* was created by something else.*\n {2}hint: add --yes/),
      ]);
      expect(actions.get('digits')?.annotations).toHaveLength(1);
      expect((await run([command, 'digits', '--username', 'me', '--yes'], environment)).exitCode).toBe(0);
    },
  );

  test('an action that cannot start is reported with the platform’s error', async () => {
    const text =
      '{"code":"0123456789abcdef0123456789abcdef","error":"The action did not initialize and exited unexpectedly."}';
    answers = [(response) => response.writeHead(400).end(text)];
    const { exitCode, stderr } = await run(['deploy', 'digits', '--username', 'me'], environment);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('the action does not start: {"code"')]);
  });

  test.each<[words: string[], changed: Record<string, string>, message: string]>([
    [
      ['deploy', 'digits', '--username', 'me'],
      { __OW_API_KEY: 'user:wrong' },
      'hint: correct AUTH of ~/.wskprops, or __OW_API_KEY',
    ],
    [
      ['deploy', 'digits', '--username', 'me'],
      { __OW_API_HOST: 'http://127.0.0.1:1' },
      'error: OpenWhisk at http://127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1\n  hint: check APIHOST',
    ],
    [['deploy', 'digits'], {}, '--username is not set; expected who owns the repository on docker.io'],
    [['deploy', 'digits'], { USER: 'me', USERNAME: 'me' }, '--username is not set; expected who owns the repository'],
    [['deploy', 'digits'], { USERNAME: 'Me' }, '--username is "Me"; expected lower case'],
    [['deploy', 'digit', '--username', 'me'], {}, 'digits'],
    [['remove', 'digits'], {}, 'there is no digits on http://127.0.0.1:'],
  ])('%j says what is wrong', async (words, changed, message) => {
    const { exitCode, stderr } = await run(words, { ...environment, ...changed });
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(message);
  });

  test('without an API host it says where to set one', async () => {
    const { stderr } = await run(['deploy', 'digits', '--username', 'me']);
    expect(stderr).toContain('APIHOST (__OW_API_HOST) is not set; expected a host or URL in ~/.wskprops');
  });

  test('reads ~/.wskprops', async () => {
    await writeFile(join(home, '.wskprops'), `APIHOST=${environment['__OW_API_HOST']}\nAUTH=user:key\n`);
    expect((await run(['deploy', 'digits', '--username', 'me', '--quiet'])).exitCode).toBe(0);
  });
});

describe('deploy and remove by the commands of a platform', () => {
  /** Stands for the real `kn`: it records its calls, and knows the service after it was created. */
  const kn = `#!/bin/sh
echo "$*" >>"$HOME/calls"
case "$2" in
  create) echo there >"$HOME/service" ;;
  delete) echo gone >"$HOME/service" ;;
  describe) read -r state <"$HOME/service" && [ "$state" = there ] && echo http://digits.default.example.com/ ;;
esac
`;
  let environment: Record<string, string>;

  beforeEach(async () => {
    await writeFile(join(home, 'kn'), kn);
    await chmod(join(home, 'kn'), 0o755);
    environment = { PATH: `${home}:${process.env['PATH']}` };
  });

  async function runOnKnative(...words: readonly string[]): Promise<CliResult> {
    return run([...words, '--for', 'knative'], environment);
  }

  async function calls(): Promise<string[]> {
    return (await readFile(join(home, 'calls'), 'utf8')).trim().split('\n');
  }

  test('creates, updates and removes with the lines that --for prints', async () => {
    const created = await runOnKnative('deploy', 'digits', '--username', 'me');
    expect(created.stdout).toBe(
      'http://digits.default.example.com\n\n' +
        '  curl -F image=@examples/digits/samples/7.png http://digits.default.example.com/model/predict\n',
    );
    expect(created.stderr).toContain('[1 of 1] kn service create digits --image docker.io/me/digits:latest');
    expect((await runOnKnative('deploy', 'digits', '--username', 'me')).exitCode).toBe(0);
    expect((await runOnKnative('remove', 'digits')).stdout).toBe('removed digits from knative\n');
    const kinds = (await calls()).map((line) => line.split(' ')[1]).filter((word) => word !== 'describe');
    expect(kinds).toEqual(['create', 'update', 'delete']);
  });

  test('does not change what something else created', async () => {
    await writeFile(join(home, 'service'), 'there\n');
    const refused = await runOnKnative('deploy', 'digits', '--username', 'me');
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('created by something else')]);
    expect(await calls()).toEqual(['service describe digits']);
  });

  test('--dry-run only prints the lines', async () => {
    const { exitCode, stdout } = await runOnKnative('deploy', 'digits', '--username', 'me', '--dry-run');
    expect([exitCode, stdout.split('\n')[0]]).toEqual([0, expect.stringMatching(/^kn service create digits --image/)]);
    await expect(calls()).rejects.toThrow('ENOENT');
  });

  test('missing values are named together, and given values are kept', async () => {
    const words = ['deploy', 'digits', '--username', 'me', '--for', 'lambda'];
    const { exitCode, stderr } = await run([...words, '--set', 'region=eu-west-1']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('lambda needs ACCOUNT, ROLE')]);
    expect(stderr).toContain('hint: add --set account=… --set role=…');
    const wrong = await run([...words, '--set', 'region=a b']);
    expect(wrong.stderr).toContain('--set is "region=a b"; expected NAME=VALUE, without blanks or quotes');
    const misspelt = await run([...words, '--set', 'regoin=eu-west-1']);
    expect([misspelt.exitCode, misspelt.stderr]).toEqual([
      2,
      expect.stringContaining('--set is "regoin=eu-west-1"; expected one of account, digest, group,'),
    ]);
  });

  test('values may hold the words of other values, and the role may be a whole ARN', async () => {
    const values = ['region=eu-1', 'account=12', 'role=arn:aws:iam::12:role/service-role/ACCOUNT-REGION'];
    const words = ['deploy', 'digits', '--username', 'me', '--for', 'lambda', '--dry-run'];
    const { stdout } = await run([...words, ...values.flatMap((value) => ['--set', value])]);
    expect(stdout).toContain('--role arn:aws:iam::12:role/service-role/ACCOUNT-REGION ');
  });

  test('remove tells what the platform’s tool said, which may be another reason', async () => {
    await writeFile(join(home, 'kn'), '#!/bin/sh\necho "Error: Unauthorized, log in first" >&2\nexit 1\n');
    const { exitCode, stderr } = await runOnKnative('remove', 'digits');
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining('there is no digits on knative: Error: Unauthorized'),
    ]);
  });

  test('what was created in one region is not taken for its own in another one', async () => {
    // It knows the service once the file "there" exists.
    await writeFile(join(home, 'gcloud'), '#!/bin/sh\ncase "$*" in *describe*) test -e "$HOME/there" ;; esac\n');
    await chmod(join(home, 'gcloud'), 0o755);
    const deploy = async (region: string): Promise<CliResult> =>
      run(['deploy', 'digits', '--username', 'me', '--for', 'cloud-run', '--set', `region=${region}`], environment);
    expect((await deploy('one')).exitCode).toBe(0);
    await writeFile(join(home, 'there'), '');
    expect((await deploy('one')).exitCode).toBe(0);
    expect((await deploy('two')).stderr).toContain('digits on cloud-run was created by something else');
  });

  test('--write writes files, with the values filled in', async () => {
    const folder = join(home, 'aws');
    const words = ['deploy', 'digits', '--username', 'me', '--for', 'lambda', '--write', folder];
    const values = ['--set', 'region=eu-west-1', '--set', 'account=123456789012'];
    const { exitCode, stdout } = await run([...words, ...values]);
    expect([exitCode, stdout]).toEqual([0, `${join(folder, 'serverless.yml')}\n${join(folder, 'template.yaml')}\n`]);
    expect(await readFile(join(folder, 'serverless.yml'), 'utf8')).toContain(
      'image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits:latest',
    );
    expect(await readFile(join(folder, 'template.yaml'), 'utf8')).not.toMatch(/REGION|ACCOUNT/);
    expect((await run([...words, ...values])).exitCode).toBe(0);
    await writeFile(join(folder, 'template.yaml'), 'my own\n');
    const refused = await run([...words, ...values]);
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/template\.yaml would be overwritten, with other content.*\n {2}hint: add --yes/),
    ]);
    expect(await readFile(join(folder, 'template.yaml'), 'utf8')).toBe('my own\n');
    expect((await run([...words, ...values, '--yes'])).exitCode).toBe(0);
    expect(await readFile(join(folder, 'template.yaml'), 'utf8')).toContain('AWSTemplateFormatVersion');
  });

  test.each<readonly [title: string, folder: string, message: string]>([
    ['is a file', 'file', 'cannot be written (EEXIST)'],
    ['lies below a file', 'file/aws', 'cannot be written (ENOTDIR)'],
    ['has a folder in the place of a file', 'taken', 'cannot be written (EISDIR)'],
    ...(process.platform === 'linux'
      ? ([['is none that can be made', '/proc/aws', '/proc/aws cannot be written (ENOENT)']] as const)
      : []),
  ])('--write to a folder that %s is refused, with what to do', async (_title, folder, message) => {
    await writeFile(join(home, 'file'), '');
    await mkdir(join(home, 'taken/service.yaml'), { recursive: true });
    const words = [
      'deploy',
      'digits',
      '--username',
      'me',
      '--for',
      'knative',
      '--yes',
      '--write',
      resolve(home, folder),
    ];
    const { exitCode, stderr } = await run(words);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(message)]);
    expect(stderr).toContain('\n  hint: name another place, or let this user write there\n');
  });

  test('a folder for the values that cannot be made is named, before anything is created', async () => {
    await writeFile(join(home, 'file'), '');
    const words = ['deploy', 'digits', '--username', 'me', '--for', 'knative'];
    const { exitCode, stderr } = await run(words, { ...environment, XDG_CONFIG_HOME: join(home, 'file') });
    const told = /deploy\.json cannot be written \(ENOTDIR\)\n {2}hint: .*XDG_CONFIG_HOME/;
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(told)]);
    expect((await calls()).map((line) => line.split(' ')[1])).toEqual(['describe']);
  });

  test.each([
    [['--for', 'lambda'], 'lambda needs ACCOUNT, REGION'],
    [['--for', 'azure'], 'there are no files for azure\n  hint: --write goes with --for openwhisk, lambda, knative'],
  ])('--write says what keeps it from writing: %j', async (words, message) => {
    const { exitCode, stderr } = await run(['deploy', 'digits', '--username', 'me', '--write', home, ...words]);
    expect([exitCode, stderr]).toEqual([expect.any(Number), expect.stringContaining(message)]);
    expect(exitCode).not.toBe(0);
  });

  test('a command line tool that is missing is named, with how to get it', async () => {
    const words = ['deploy', 'digits', '--username', 'me', '--for', 'cloud-run', '--set', 'region=r'];
    const { exitCode, stderr } = await run(words, { PATH: home });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('there is no gcloud on the PATH')]);
    expect(stderr).toContain('hint: https://cloud.google.com/sdk/docs/install');
  });
});
