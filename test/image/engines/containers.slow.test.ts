import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCli } from '../../support/build-cli.ts';
import { type Container, startContainer, whenListening } from '../../support/container.ts';
import { docker, removeImagesOf } from '../../support/docker.ts';
import { eventually } from '../../support/eventually.ts';
import { makeImage } from '../../support/model-images.ts';
import { importNodeImage } from '../../support/node-image.ts';
import { startRegistry, type TestRegistry } from '../../support/registry.ts';
import { lacks } from '../../support/requirements.ts';

/** As nginx does: SIGQUIT finishes what is in progress, SIGTERM drops it. `/fork` leaves two orphans that end at once. */
const server = `
const { spawn } = require('node:child_process');
const server = require('node:http').createServer(async (request, response) => {
  if (request.url === '/slow') await new Promise((resolve) => setTimeout(resolve, 2000));
  if (request.url === '/fork') spawn('sh', ['-c', '(sh -c : & sh -c : &) &']);
  response.end('answered ' + request.url);
});
server.listen(5000);
process.on('SIGTERM', () => process.exit(1));
process.on('SIGQUIT', () => { console.log('drains'); server.close(() => process.exit(0)); });`;

describe.skipIf(lacks('a Docker engine', 'docker-registry', 'debootstrap'))('a container of a wrapped image', () => {
  let registry: TestRegistry;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modelwhisk-containers-'));
    registry = await startRegistry();
    const node = `${registry.host}/library/node:24-bookworm-slim`;
    await importNodeImage(node);
    await makeImage(`${registry.host}/models/quit:1`, [
      `FROM ${node}`,
      `CMD ["node", "-e", ${JSON.stringify(server)}]`,
      'EXPOSE 5000',
      'STOPSIGNAL SIGQUIT',
    ]);
    await docker('push', '--quiet', node);
    await docker('push', '--quiet', `${registry.host}/models/quit:1`);
  }, 600_000);
  afterAll(async () => {
    await removeImagesOf(registry.host);
    await registry.close();
    await rm(folder, { recursive: true });
  });

  test.each(['registry', 'docker'])(
    'made by the %s engine, drains at the stop signal of its base and leaves no zombies',
    async (engine) => {
      const container = await startWrapped(engine);
      try {
        const url = `http://${container.address}:8080`;
        await whenListening(async () => fetch(url));
        for (let count = 0; count < 20; count += 1) {
          expect(await (await fetch(`${url}/fork`)).text()).toBe('answered /fork');
        }
        await eventually(
          'no process is a zombie',
          async () => zombies(container),
          ({ length }) => length === 0,
        );

        const call = fetch(`${url}/slow`).then(async (reply) => reply.text());
        await docker('stop', '--time', '30', container.id);
        expect(await call).toBe('answered /slow');
        expect(await docker('inspect', '--format', '{{.State.ExitCode}}', container.id)).toBe('0');
        expect(await docker('logs', container.id)).toContain('model: drains');
      } finally {
        await container.close();
      }
    },
    300_000,
  );

  async function startWrapped(engine: string): Promise<Container> {
    const { host } = registry;
    const target = ['--username', 'me', '--registry', host, '--tag', engine, '--engine', engine];
    const source = ['--image', `${host}/models/quit:1`, '--runtime-image', `${host}/library/node:24-bookworm-slim`];
    const environment = {
      ...process.env,
      XDG_CACHE_HOME: join(folder, 'cache'),
      DOCKER_CONFIG: join(folder, 'docker'),
    };
    const { exitCode, stderr } = await buildCli([...source, ...target, '--predict', 'GET /'], environment);
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
    return startContainer(`${host}/me/quit:${engine}`, '--env', 'MODELWHISK_PLATFORM=http');
  }
});

/** Lines of ps(1) without ps: what proc(5) says of processes that ended and were not waited for. */
async function zombies({ id }: Container): Promise<readonly string[]> {
  const states = await docker('exec', id, 'sh', '-c', 'cat /proc/[0-9]*/stat 2>/dev/null || true');
  return states.split('\n').filter((line) => /^\d+ \(.*\) Z /.test(line));
}
