import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';
import { expect, test, vi } from 'vitest';
import { startActionContainer } from '../../gateway/support/action-container.ts';
import { send } from '../../gateway/support/send.ts';
import { lacks } from '../../support/requirements.ts';

const repository = join(import.meta.dirname, '../../..');

/** @param detached whether it gets a process group of its own, as a shell gives to what it runs */
function npmStart(words: readonly string[], { detached = false } = {}) {
  return execa('npm', ['start', '--silent', '--', ...words], { cwd: repository, reject: false, detached });
}

interface ActionAddresses {
  readonly name: string;
  readonly web: string;
  readonly curl: string;
}

/** The first action of the line that --json prints. */
async function firstAction(running: ReturnType<typeof npmStart>): Promise<ActionAddresses | undefined> {
  const { value: line } = await running.iterable()[Symbol.asyncIterator]().next();
  return (JSON.parse(String(line)) as { actions: ActionAddresses[] }).actions[0];
}

test.skipIf(lacks('ps'))(
  'serves digits, whose instance has started before the first call, and prints the curl line that calls it',
  async () => {
    const running = npmStart(['--port', '0', '--json']);
    const action = await firstAction(running);
    expect(action?.curl).toBe(`curl -F image=@examples/digits/samples/7.png ${String(action?.web)}`);
    await vi.waitFor(() => expect(childrenOf(process.pid)).toContain('adapter/main'), { timeout: 10_000 });
    running.kill('SIGTERM');
    const { stderr } = await running;
    expect(stderr).not.toContain('activation');
  },
);

/** The command lines of all programs that a process has started, and that they have. */
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
])('serves a container, says where, and ends on %s', async (_, stop) => {
  const container = await startActionContainer();
  container.answer = ({ value }) => ({ body: value['__ow_query'] === undefined ? 'standard' : 'raw' });
  const words = ['--port', '0', '--json', '--raw', '--action', `echo=${container.url.href}`];
  const running = npmStart(words, { detached: true });
  const action = await firstAction(running);
  expect(action).toMatchObject({ name: 'echo', curl: expect.stringContaining(action?.web ?? '') as unknown });
  expect((await send(action?.web ?? '')).text).toBe('raw');
  stop(running.pid ?? 0);
  // It ends only when the gateway has ended, too, which writes to the same stream.
  const { stderr } = await running;
  expect(stderr).toMatch(/^echo: activation [0-9a-f]{32} success, \d+ ms \(cold, init \d+ ms\)$/m);
  await container.close();
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
  ['--timeout 5', '--timeout is "5"; expected milliseconds from 100 to 300000'],
  ['--action digits', '--action is "digits"; expected NAME=URL'],
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

test('./build.ts start is the same', async () => {
  const { stdout } = await execa(join(repository, 'build.ts'), ['start', '--help']);
  expect(stdout).toMatch(/^Usage: \.\/build\.ts start \[options\]\n/);
});
