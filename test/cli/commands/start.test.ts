import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';
import openwhisk from 'openwhisk';
import { describe, expect, test, vi } from 'vitest';
import { guestKey } from '../../../gateway/authentication.ts';
import { startActionContainer } from '../../gateway/support/action-container.ts';
import { send } from '../../gateway/support/send.ts';
import { startProgram } from '../../support/program.ts';
import { lacks } from '../../support/requirements.ts';

const repository = join(import.meta.dirname, '../../..');

interface NpmStartOptions {
  readonly detached?: boolean;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** @param detached whether it gets its own process group, like a command in a shell */
function npmStart(words: readonly string[], { detached = false, env = {} }: NpmStartOptions = {}) {
  return execa('npm', ['start', '--silent', '--', ...words], { cwd: repository, reject: false, detached, env });
}

interface Started {
  readonly url: string;
  readonly key: string;
  readonly actions: readonly ActionAddresses[];
}

interface ActionAddresses {
  readonly name: string;
  readonly web: string;
  readonly curl: string;
}

/** The first action of the line that --json prints. */
async function firstAction(running: ReturnType<typeof npmStart>): Promise<ActionAddresses | undefined> {
  return (await started(running)).actions[0];
}

/** The line that --json prints. */
async function started(running: ReturnType<typeof npmStart>): Promise<Started> {
  const { value: line } = await running.iterable()[Symbol.asyncIterator]().next();
  return JSON.parse(String(line)) as Started;
}

test.skipIf(lacks('ps'))(
  'serves digits, whose instance has started before the first call, and prints the curl line that calls it',
  async () => {
    const running = npmStart(['--port', '0', '--json']);
    const action = await firstAction(running);
    expect(action?.curl).toBe(`curl -F image=@examples/digits/samples/7.png ${String(action?.web)}`);
    let stderr = '';
    running.stderr.on('data', (text: Buffer) => (stderr += String(text)));
    await vi.waitFor(() => expect(childrenOf(process.pid)).toContain('adapter/main'), { timeout: 10_000 });
    const { stdout: version } = execaSync('./build.ts', ['--version'], { cwd: repository });
    await vi.waitFor(() => expect(stderr).toContain(`"version":"${version}"`), { timeout: 10_000 });
    running.kill('SIGTERM');
    await running;
    expect(stderr).not.toContain('activation');
  },
);

/** The command lines of all descendants of a process. */
function childrenOf(pid: number): string {
  const { stdout } = execaSync('ps', ['-eo', 'pid=,ppid=,args=']);
  const all = Array.from(stdout.matchAll(/^ *(\d+) +(\d+) (.*)$/gm), ([, id, parent, command]) => ({
    id,
    parent,
    command,
  }));
  const below = (parent: string): string[] =>
    all.flatMap((each) => (each.parent === parent ? [String(each.command), ...below(String(each.id))] : []));
  return below(String(pid)).join('\n');
}

test.each<[string, (pid: number) => void]>([
  ['Ctrl-C, which a terminal sends to all that it runs', (pid) => process.kill(-pid, 'SIGINT')],
  ['SIGTERM to npm alone', (pid) => process.kill(pid, 'SIGTERM')],
])('serves a container, prints its URL, and ends on %s', async (_, stop) => {
  const container = await startActionContainer();
  container.answer = ({ value }) => ({ body: value['__ow_query'] === undefined ? 'standard' : 'raw' });
  const words = ['--port', '0', '--json', '--raw', '--action', `echo=${container.url.href}`];
  const running = npmStart(words, { detached: true });
  const action = await firstAction(running);
  expect(action).toMatchObject({ name: 'echo', curl: expect.stringContaining(action?.web ?? '') as unknown });
  expect((await send(action?.web ?? '')).text).toBe('raw');
  stop(running.pid ?? 0);
  // It ends only after the gateway, which writes to the same stream.
  const { stderr } = await running;
  expect(stderr).toMatch(/^echo: activation [0-9a-f]{32} success, \d+ ms \(cold, init \d+ ms\)$/m);
  await container.close();
});

describe('the key', () => {
  async function keyOfStart(
    words: readonly string[],
    use?: (gateway: Started) => Promise<void>,
    env?: Readonly<Record<string, string>>,
  ): Promise<string> {
    const running = npmStart(['--port', '0', '--json', '--action', 'a=http://127.0.0.1:1', ...words], { env });
    const gateway = await started(running);
    await use?.(gateway);
    running.kill('SIGTERM');
    await running;
    return gateway.key;
  }

  test('is a new one at each start, which alone opens the REST API, as the official client uses it', async () => {
    const first = await keyOfStart([], async ({ url, key }) => {
      expect((await openwhisk({ apihost: url, api_key: key }).actions.list()).map(({ name }) => name)).toEqual(['a']);
      await expect(openwhisk({ apihost: url, api_key: guestKey }).actions.list()).rejects.toMatchObject({
        statusCode: 401,
      });
    });
    expect(first).toMatch(/^[0-9a-f-]{36}:[0-9a-f]{64}$/);
    expect(await keyOfStart([])).not.toBe(first);
  });

  test('may be named by --key or MODELWHISK_GATEWAY_KEY', async () => {
    expect(await keyOfStart(['--key', 'guest'])).toBe(guestKey);
    expect(await keyOfStart([], undefined, { MODELWHISK_GATEWAY_KEY: 'me:secret' })).toBe('me:secret');
  });

  test('stands in the lines that are printed, ready to be pasted', async () => {
    const running = startProgram(['start', '--port', '0', '--key', 'me:secret', '--action', 'a=http://127.0.0.1:1']);
    const text = await running.printed(/^Page: /m);
    const url = /^Page: (\S+)\/$/m.exec(text)?.[1] ?? '';
    expect(text).toContain('Key of this start: me:secret');
    expect(text).toContain(`  curl -u me:secret ${url}/api/v1/namespaces/_/activations\n`);
    expect(text).toContain(`  export __OW_API_HOST=${url} __OW_API_KEY=me:secret `);
    await running.interrupt();
  });
});

test.each([[], ['--quiet']])('a failed activation is told with its cause and its record: %j', async (...words) => {
  const container = await startActionContainer();
  container.answer = ({ value }) => (value['fail'] === 'yes' ? { error: 'no weights' } : { body: 'well' });
  const running = npmStart(['--port', '0', '--json', '--action', `echo=${container.url.href}`, ...words]);
  const { url, actions, key } = await started(running);
  await send(actions[0]?.web ?? '');
  await send(`${actions[0]?.web ?? ''}?fail=yes`);
  const [failed] = await openwhisk({ apihost: url, api_key: key }).activations.list({ limit: 1 });
  running.kill('SIGTERM');
  const { stderr } = await running;
  const id = failed?.activationId ?? '';
  expect(stderr).toContain(`echo: {"error":"no weights"}\necho: record: ${url}/api/v1/namespaces/_/activations/${id}`);
  expect(stderr).toContain(`echo: activation ${id} application error`);
  expect(stderr.includes(' success, ')).toBe(words.length === 0);
  await container.close();
});

test('--inherit passes a variable on, and --quiet prints the last output of a failed activation', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-'));
  const preload = join(folder, 'preload.cjs');
  const lines = `console.error('weights are at', process.env.WEIGHTS, process.env.OTHER_WEIGHTS); process.exit(1);`;
  await writeFile(preload, `if (/adapter.main/.test(process.argv[1] ?? '')) { ${lines} }`);
  const environment = { NODE_OPTIONS: `--require=${preload}`, WEIGHTS: '/w.onnx', OTHER_WEIGHTS: '/other.onnx' };
  const running = npmStart(['--port', '0', '--json', '--quiet', '--inherit', 'WEIGHTS'], { env: environment });
  expect((await send((await firstAction(running))?.web ?? '')).status).toBeGreaterThanOrEqual(400);
  running.kill('SIGTERM');
  const { stderr } = await running;
  expect(stderr).toMatch(/^digits: weights are at \/w\.onnx undefined\ndigits: \{"error":.*\ndigits: record: http:/m);
  await rm(folder, { recursive: true });
});

test('a function app whose handler ends at its start ends it at once, with the reason', async () => {
  const words = [
    'start',
    '--silent',
    '--',
    '--empty',
    '--port',
    '0',
    '--azure',
    'examples/azure/app',
    '--azure-port',
    '0',
  ];
  const { exitCode, stderr, timedOut } = await execa('npm', words, {
    cwd: repository,
    reject: false,
    timeout: 30_000,
    env: { MODELWHISK_NOTHING: '1' },
  });
  expect([timedOut, exitCode]).toEqual([false, 1]);
  expect(stderr).toContain('MODELWHISK_NOTHING is "1"; expected one of the known settings');
  expect(stderr).toContain('error: the custom handler of the function app has ended: Command failed with exit code 1');
});

test('says in one line and a hint that the port is used', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const { exitCode, stderr, stdout } = await npmStart(['--port', String(port), '--action', 'a=http://127.0.0.1:1']);
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr).toBe(
    `error: port ${port} on 127.0.0.1 is already used\n` +
      '  hint: stop the program that uses it, or choose another port with --port',
  );
  await new Promise((resolve) => other.close(resolve));
});

test.each([
  ['--prot 1', "unknown option '--prot'"],
  ['--port x', '--port is "x"; expected a number from 0 to 65535'],
  ['--key secret', '--key is "secret"; expected UUID:KEY, or "guest" for the public key'],
  ['--timeout 5', '--timeout is "5"; expected milliseconds from 100 to 300000'],
  ['--action digits', '--action is "digits"; expected NAME=http://HOST:PORT'],
  [
    '--action a=http://127.0.0.1:1 --action a=http://127.0.0.1:2',
    '--action is "a=http://127.0.0.1:2"; expected a name other than a, which another --action has',
  ],
])('refuses %s', async (words, message) => {
  const { exitCode, stdout, stderr } = await npmStart(words.split(' '));
  const [line = '', ...more] = stderr.split('\n');
  expect({ exitCode, stdout, line }).toEqual({
    exitCode: 2,
    stdout: '',
    line: expect.stringContaining(message) as string,
  });
  expect(line).toMatch(/^error: /);
  expect(more.filter((text) => !text.startsWith('  hint: '))).toEqual([]);
});

test('--help shows the options and examples as npm start takes them', async () => {
  const { exitCode, stdout } = await npmStart(['--help']);
  expect({ exitCode, stdout }).toEqual({
    exitCode: 0,
    stdout: expect.stringMatching(/^Usage: npm start -- \[options\]\n[^]*Examples:\n {2}npm start\n/) as string,
  });
});

test.each(['start', 'try'])('./build.ts %s takes names and a key', async (command) => {
  const { stdout } = await execa(join(repository, 'build.ts'), [command, '--help']);
  expect(stdout).toMatch(/^ +--allow-host <name\.\.\.> /m);
  expect(stdout).toMatch(/^ +--key <uuid:key> /m);
});

test('./build.ts start is the same', async () => {
  const { stdout } = await execa(join(repository, 'build.ts'), ['start', '--help']);
  expect(stdout).toMatch(/^Usage: \.\/build\.ts start \[options\]\n/);
});
