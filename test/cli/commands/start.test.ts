import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { startActionContainer } from '../../gateway/support/action-container.ts';
import { send } from '../../gateway/support/send.ts';

const repository = join(import.meta.dirname, '../../..');

function gateway(...options: string[]) {
  return execa(process.execPath, ['--import', 'tsx', 'cli/commands/start.ts', ...options], {
    cwd: repository,
    env: { INIT_CWD: repository },
    reject: false,
  });
}

interface ActionAddresses {
  readonly name: string;
  readonly web: string;
  readonly curl: string;
}

/** The first action of the line that --json prints. */
async function firstAction(running: ReturnType<typeof gateway>): Promise<ActionAddresses | undefined> {
  const { value: line } = await running.iterable()[Symbol.asyncIterator]().next();
  return (JSON.parse(String(line)) as { actions: ActionAddresses[] }).actions[0];
}

const missing = ['adapter/main.ts', 'examples/digits/src/app.ts', 'examples/digits/node_modules'].filter(
  (path) => !existsSync(join(repository, path)),
);

it.skipIf(missing.length > 0)(
  `answers the curl line it prints, digits by default${missing.map((path) => `, needs ${path}`).join('')}`,
  async () => {
    const running = gateway('--port', '0', '--json');
    const action = await firstAction(running);
    const { stdout } = await execa(`${action?.curl} --silent`, { shell: true, cwd: repository });
    const { predictions } = JSON.parse(stdout) as { predictions: { label_id: string }[] };
    expect(predictions[0]?.label_id).toBe('7');
    running.kill('SIGTERM');
    expect((await running).exitCode).toBe(0);
  },
);

it.each(['SIGTERM', 'SIGINT'] as const)('serves a container, says where, and ends with 0 on %s', async (signal) => {
  const container = await startActionContainer();
  container.answer = ({ value }) => ({ body: value['__ow_query'] === undefined ? 'standard' : 'raw' });
  const running = gateway('--port', '0', '--json', '--raw', '--action', `echo=${container.url.href}`);
  const action = await firstAction(running);
  expect(action).toMatchObject({ name: 'echo', curl: expect.stringContaining(action?.web ?? '') as unknown });
  expect((await send(action?.web ?? '')).text).toBe('raw');
  running.kill(signal);
  const { exitCode, stderr } = await running;
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/^echo: activation [0-9a-f]{32} success, \d+ ms \(cold, init \d+ ms\)$/m);
  await container.close();
});

it('says in one line and a hint that the port is used', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const { exitCode, stderr, stdout } = await gateway('--port', String(port), '--action', 'a=http://127.0.0.1:1');
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr).toBe(
    `port ${port} on 127.0.0.1 is already used\nstop the program that uses it, or choose another port with --port`,
  );
  await new Promise((resolve) => other.close(resolve));
});

it.each([
  ['--prot 1', "error: unknown option '--prot'"],
  ['--port x', "error: option '--port <number>' argument 'x' is invalid. Expected a number from 0 to 65535."],
  ['--timeout 5', 'Expected milliseconds from 100 to 300000'],
  ['--action digits', 'Expected NAME=URL'],
])('refuses %s', async (options, message) => {
  const { exitCode, stderr } = await gateway(...options.split(' '));
  expect(exitCode).toBe(1);
  expect(stderr).toContain(message);
  expect(stderr).toContain('see npm start -- --help');
  expect(stderr).not.toContain('    at ');
});

it('--help shows the options and examples, --version the version', async () => {
  const help = await gateway('--help');
  expect([help.exitCode, help.stdout]).toEqual([0, expect.stringContaining('Examples:\n  npm start ')]);
  expect((await gateway('--version')).stdout).toMatch(/^\d+\.\d+\.\d+$/);
});
