import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startDockerInstance } from '../../../gateway/invoker/docker-instance.ts';

/** Stands for a Docker whose engine neither starts a container nor refuses: `docker run` waits. */
const docker = `#!${process.execPath}
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const [, , command] = process.argv;
appendFileSync(__dirname + '/calls', command + '\\n');
if (command === 'run') {
  writeFileSync(__dirname + '/pid', String(process.pid));
  console.error("Unable to find image 'me/echo'");
  setTimeout(() => console.error('Status: Downloaded'), 1000 * process.env.PULLS);
  setTimeout(() => {}, 60_000);
} else if (command === 'rm') {
  process.kill(Number(readFileSync(__dirname + '/pid', 'utf8')));
} else {
  process.exitCode = 1;
}
`;

const { PATH = '' } = process.env;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelwhisk-docker-'));
  await writeFile(join(folder, 'docker'), docker);
  await chmod(join(folder, 'docker'), 0o755);
  process.env['PATH'] = `${folder}${delimiter}${PATH}`;
});
afterEach(async () => {
  process.env['PATH'] = PATH;
  await rm(folder, { recursive: true });
});

test('a container that does not start in time is given up and removed, and the time of its pull does not count', async () => {
  const began = performance.now();
  const source = { kind: 'image', image: 'me/echo', environment: {}, readOnly: false } as const;
  await expect(startDockerInstance(source, 128, { PULLS: '1' }, () => undefined, 500)).rejects.toMatchObject({
    code: 'NO_CONTAINER',
    cause: { message: 'the container did not run within 500 ms' },
  });
  expect(performance.now() - began).toBeGreaterThan(1400);
  const calls = (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');
  expect(calls).toContain('run');
  expect(calls.at(-1)).toBe('rm');
  // The pauses between two looks grow.
  expect(calls.length).toBeLessThan(30);
});
