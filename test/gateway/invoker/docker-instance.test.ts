import { existsSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startDockerInstance } from '../../../gateway/invoker/docker-instance.ts';
import { type FakeDocker, makeFakeDocker } from '../../support/fake-docker.ts';

/** A Docker whose engine neither starts a container nor refuses: `docker run` waits. */
const waiting = `
if (command === 'run') {
  writeFileSync(state, String(process.pid));
  console.error("Unable to find image 'me/echo'");
  setTimeout(() => console.error('Status: Downloaded'), 1000 * (process.env.PULLS ?? 0));
  setTimeout(() => {}, 60_000);
} else if (command === 'rm') {
  process.kill(Number(readFileSync(state, 'utf8')));
} else {
  process.exitCode = 1;
}`;

const { PATH = '' } = process.env;
let docker: FakeDocker;
beforeEach(async () => {
  docker = await makeFakeDocker(waiting);
  process.env['PATH'] = docker.path;
});
afterEach(async () => {
  process.env['PATH'] = PATH;
  await docker.remove();
});

const source = { kind: 'image', image: 'me/echo', environment: {}, readOnly: false } as const;

test('a container that does not start in time is given up and removed, and the time of its pull does not count', async () => {
  const began = performance.now();
  await expect(startDockerInstance(source, 128, { PULLS: '1' }, () => undefined, 500)).rejects.toMatchObject({
    code: 'NO_CONTAINER',
    cause: { message: 'the container did not run within 500 ms' },
  });
  expect(performance.now() - began).toBeGreaterThan(1400);
  const commands = (await docker.calls()).map(({ words }) => words[0]);
  expect(commands).toContain('run');
  expect(commands.at(-1)).toBe('rm');
  // The pauses between two looks grow.
  expect(commands.length).toBeLessThan(30);
});

test('no value of a variable is on the command line, and none changes docker itself', async () => {
  const environment = { KEY: 'one\ntwo', PATH: '/opt/model/bin', DOCKER_HOST: 'tcp://elsewhere' };
  await expect(
    startDockerInstance({ ...source, environment }, 128, { TOKEN: 'secret' }, () => undefined, 500),
  ).rejects.toMatchObject({ code: expect.stringMatching(/^NO_/) });
  const run = (await docker.calls()).find(({ words }) => words[0] === 'run');
  expect(run?.words.filter((word) => /secret|two|opt.model|elsewhere/.test(word))).toEqual([]);
  expect(run?.words).toEqual(expect.arrayContaining(['--env=TOKEN', '--env=KEY']));
  expect(run?.environment).toMatchObject({ TOKEN: 'secret', KEY: 'one\ntwo', PATH: docker.path });
  expect(run?.environment).not.toHaveProperty('DOCKER_HOST');
  expect(run?.file).toEqual({ text: 'PATH=/opt/model/bin\nDOCKER_HOST=tcp://elsewhere\n', mode: 0o600 });
  const file = run?.words.find((word) => word.startsWith('--env-file='))?.replace('--env-file=', '') ?? '';
  expect(existsSync(file)).toBe(false);
});
