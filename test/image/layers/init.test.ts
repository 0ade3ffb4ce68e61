import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { initFiles, initOfThisMachine } from '../../../image/layers/init.ts';

/** The program, run like an image's entrypoint. */
function run(...command: readonly string[]): ChildProcess & { readonly said: Promise<string> } {
  const child = spawn(initOfThisMachine, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  return Object.assign(child, { said: text(child.stderr) });
}

/** Its children, by the state that proc(5) gives them. */
function childrenOf(pid: number | undefined): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = statOf(name);
      const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(parent) === pid ? [state] : [];
    });
}

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return '';
  }
}

describe.skipIf(process.platform !== 'linux')('process 1', () => {
  test.each([
    ['code 0', 'exit 0', [0, null]],
    ['code 7', 'exit 7', [7, null]],
    ['signal SIGTERM', 'kill -TERM $$', [null, 'SIGTERM']],
    ['signal SIGKILL', 'kill -KILL $$', [null, 'SIGKILL']],
    ['signal SIGSEGV', 'kill -SEGV $$', [null, 'SIGSEGV']],
  ])('ends as its program does: with %s', async (_, script, expected) => {
    expect(await once(run('/bin/sh', '-c', script), 'exit')).toEqual(expected);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGWINCH', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'] as const)(
    'passes %s on to its program, once',
    async (name) => {
      const number = constants.signals[name];
      const script = `trap 'echo got; count=$((count + 1))' ${number}; echo ready; while [ "$count" = "" ]; do sleep 0.02; done; exit $count`;
      const child = run('/bin/sh', '-c', script);
      await once(child.stdout ?? child, 'data');
      child.kill(name);
      expect(await once(child, 'exit')).toEqual([1, null]);
    },
  );

  test('passes a real-time signal on as SIGTERM, which Node.js knows', async () => {
    const child = run('/bin/sh', '-c', 'trap "exit 5" TERM; echo ready; while :; do sleep 0.02; done');
    await once(child.stdout ?? child, 'data');
    // SIGRTMIN+3, the stop signal of systemd.
    spawn('/bin/sh', ['-c', `kill -37 ${child.pid}`]);
    expect(await once(child, 'exit')).toEqual([5, null]);
  });

  test('finds its program on the PATH', async () => {
    expect(await once(run('sh', '-c', 'exit 3'), 'exit')).toEqual([3, null]);
  });

  test.each([
    ['is not there', '/no/such/program', 127, /^init: cannot run \/no\/such\/program: No such file or directory\n$/],
    ['is a folder', '/tmp', 126, /^init: cannot run \/tmp: Permission denied\n$/],
  ])('says which program it cannot run: one that %s', async (_, program, code, message) => {
    const child = run(program);
    expect(await once(child, 'exit')).toEqual([code, null]);
    expect(await child.said).toMatch(message);
  });

  test('reaps the orphans of its program', async () => {
    const script =
      'for i in 1 2 3 4 5; do (sh -c : & sh -c : &); done; echo ready; exec "$0" -e "setTimeout(() => 0, 60_000)"';
    const child = run('/bin/sh', '-c', script, process.execPath);
    await once(child.stdout ?? child, 'data');
    await expect.poll(() => childrenOf(child.pid)).toEqual(['S']);
    child.kill();
    await once(child, 'exit');
  });

  test('its program ends when it is killed', async () => {
    const child = run('/bin/sh', '-c', 'echo $$; exec "$0" -e "setTimeout(() => 0, 60_000)"', process.execPath);
    const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    child.kill('SIGKILL');
    await once(child, 'exit');
    await expect.poll(() => statOf(line.toString().trim()).replace(/^.*\) (.).*$/s, '$1')).toMatch(/^Z?$/);
  });
});

test('the programs are what init/build makes from this source', () => {
  const folder = join(import.meta.dirname, '../../../image/layers/init');
  const lines = readFileSync(join(folder, 'checksums'), 'utf8').trim().split('\n');
  const recorded = Object.fromEntries(lines.map((line) => line.split(/ [ *]/).toReversed() as [string, string]));
  const names = readdirSync(folder).filter((name) => name !== 'checksums');
  const found = names.map((name) => [name, sha256(readFileSync(join(folder, name)))]);
  // Where this differs, image/layers/init/build compiles the programs anew.
  expect(Object.fromEntries(found)).toEqual(recorded);
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

test.each([
  ['linux/amd64', 0x3e],
  ['linux/arm64', 0xb7],
  ['linux/arm64/v8', 0xb7],
  ['linux/ppc64le', 0x15],
  ['linux/s390x', 0x16],
])(
  'the layer for %s has the program for that processor, and the licence of its C library',
  async (platform, machine) => {
    const [program, licence] = await initFiles(platform);
    expect(program).toMatchObject({ path: 'modelwhisk/runtime/init', executable: true });
    expect(licence).toMatchObject({ path: 'modelwhisk/runtime/licences/musl', executable: false });
    const bytes = readFileSync(program?.source ?? '');
    // The ELF header: magic number, byte order, and the processor at offset 18.
    expect(bytes.subarray(0, 4).toString('latin1')).toBe('\x7fELF');
    expect(bytes[5] === 1 ? bytes.readUInt16LE(18) : bytes.readUInt16BE(18)).toBe(machine);
  },
);

test('another processor is refused, with those to choose from', async () => {
  await expect(initFiles('linux/arm/v7')).rejects.toMatchObject({
    code: 'NO_INIT',
    message: 'there is no process 1 for linux/arm/v7',
    hint: 'choose a --platform of amd64, arm64, ppc64le, s390x',
  });
});
