import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGateway, type Gateway } from '../../../gateway/server.ts';
import { type CompiledDigits, compiledDigits } from '../../support/compiled-digits.ts';
import { lacks } from '../../support/requirements.ts';

const root = join(import.meta.dirname, '../../..');
const digits = [
  '0.png',
  '1.png',
  '2.png',
  '3-transparent.png',
  '4.jpg',
  '5.bmp',
  '6.gif',
  '7.png',
  '8-small.png',
  '9-light.jpg',
];

describe.skipIf(lacks('ps'))('./build.ts call while the instances die', () => {
  let compiled: CompiledDigits;
  let gateway: Gateway;
  let url: string;

  beforeAll(async () => {
    compiled = await compiledDigits({ instances: 4 });
    gateway = createGateway({ actions: [compiled.action] });
    url = `${await gateway.listen(0, '127.0.0.1')}/api/v1/web/guest/default/digits`;
  });

  afterAll(async () => {
    await gateway.close();
    await compiled.close();
  });

  test('loses none of 1,000 digits where one instance is killed every second', { timeout: 600_000 }, async () => {
    const over = new AbortController();
    const killing = killEverySecond(over.signal);
    const files = digits.map((name) => join(root, 'examples/digits/samples', name));
    const words = ['call', url, ...files, '--repeat', '100', '--concurrency', '6', '--retry', '100', '--json'];
    const { stdout } = await execa(join(root, 'build.ts'), words).finally(() => over.abort());
    const killed = await killing;
    const lines = stdout.split('\n').map((line) => JSON.parse(line) as Line);
    const { summary } = lines.pop() ?? {};
    expect(summary).toMatchObject({ calls: 1000, succeeded: 1000, failed: 0 });
    expect(lines.map(({ reply }) => reply?.predictions[0]?.label_id)).toEqual(
      Array.from({ length: 1000 }, (_none, index) => String(index % 10)),
    );
    console.log(`1,000 digits in ${summary?.seconds} s while ${killed} instances were killed`);
    expect(killed).toBeGreaterThan(2);
  });
});

interface Line {
  readonly summary?: { readonly seconds: number };
  readonly reply?: { readonly predictions: readonly { readonly label_id: string }[] };
}

async function killEverySecond(signal: AbortSignal): Promise<number> {
  let killed = 0;
  while (!signal.aborted) {
    await sleep(1000, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted && (await killOne())) killed += 1;
  }
  return killed;
}

/**
 * Kills the oldest instance that takes calls where another one does, else the newest of those that are starting: even
 * on a busy machine one is left to go on with. The instances are children of this process, which is the gateway.
 */
async function killOne(): Promise<boolean> {
  const { stdout } = await execa('ps', ['--ppid', String(process.pid), '--format', 'pid=,args=']);
  const instances = stdout
    .split('\n')
    .filter((line) => line.includes('adapter/main.cjs'))
    .map((line) => Number.parseInt(line, 10));
  const states = await Promise.all(instances.map(async (pid) => ({ pid, isReady: await listens(pid) })));
  const ready = states.filter(({ isReady }) => isReady);
  const victim = ready.length > 1 ? ready[0] : states.findLast(({ isReady }) => !isReady);
  if (victim === undefined) return false;
  // One that was starting may be gone by now.
  const { exitCode } = await execa('kill', ['-KILL', String(victim.pid)], { reject: false });
  return exitCode === 0;
}

async function listens(pid: number): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  const [, port] = /(?:^|\0)MODELWHISK_PORT=(\d+)/.exec(environment) ?? [];
  // It is about to start, or has just ended.
  if (port === undefined) return false;
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1')
      .on('connect', () => resolve(true))
      .on('error', () => resolve(false))
      .on('close', () => socket.destroy());
    socket.on('connect', () => socket.destroy());
  });
}
