import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRegistry, type TestRegistry } from '../../support/registry.ts';
import { lacks } from '../../support/requirements.ts';
import { pushBase, type PushedBase } from '../../image/registry/support/base-images.ts';
import { startFaultProxy } from '../../image/registry/support/fault-proxy.ts';
import { skopeoInspect } from '../../image/registry/support/skopeo.ts';
import { type RegistryCli, startRegistryCli } from './registry-cli.ts';

describe.skipIf(lacks('docker-registry', 'skopeo'))('build.ts copy', () => {
  let cli: RegistryCli;
  let other: TestRegistry;
  let image: PushedBase;
  let source: string;
  beforeAll(async () => {
    cli = await startRegistryCli();
    other = await startRegistry();
    image = await pushBase(cli.host, 'me/iris', 'v1');
    source = `${cli.host}/me/iris:v1`;
  });
  afterAll(async () => {
    await cli.close();
    await other.close();
  });

  test('copies to another registry, and says how much; a second copy sends nothing', async () => {
    const target = `${other.host}/you/iris:v1`;
    const first = await cli.run(['copy', source, target]);
    expect(first).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/copying 4 layers/) as string });
    expect(first.stdout).toMatch(
      new RegExp(
        `^copied ${source} to ${target}, ${image.digest}\n1 image, \\d+ bytes pushed, [\\d.]+ \\w+ copied, \\d s\n$`,
      ),
    );
    expect(await skopeoInspect(target)).toMatchObject({ Digest: image.digest });
    const again = await cli.run(['copy', source, target]);
    expect(again.stdout).toMatch(
      new RegExp(`^${target} already is ${source}, ${image.digest}\n1 image, nothing sent, \\d s\n$`),
    );
  });

  test('within a registry mounts; --json gives one document', async () => {
    const target = `${cli.host}/you/iris:v1`;
    const { exitCode, stdout } = await cli.run(['copy', source, target, '--json']);
    expect(exitCode).toBe(0);
    const document = JSON.parse(stdout) as { bytes: { mounted: number } };
    expect(document).toEqual({
      source,
      target,
      digest: image.digest,
      status: 'copied',
      bytes: { pushed: image.size, mounted: expect.any(Number) as number, copied: 0 },
    });
    expect(document.bytes.mounted).toBeGreaterThan(image.manifest.layers.reduce((sum, { size }) => sum + size, 0));
  });

  test.each([
    ['to another registry', () => other.host, 'copied', 'mounted'],
    ['within one', () => cli.host, 'mounted', 'copied'],
  ] as const)('--dry-run %s says what would go, and leaves the target as it is', async (_where, host, much, none) => {
    const target = `${host()}/dry/iris:v1`;
    const { exitCode, stdout } = await cli.run(['copy', source, target, '--dry-run', '--json']);
    expect(exitCode).toBe(0);
    const planned = JSON.parse(stdout) as { status: string; bytes: Record<string, number> };
    expect(planned).toMatchObject({ status: 'planned', digest: image.digest, bytes: { [none]: 0 } });
    await expect(skopeoInspect(target)).rejects.toThrow(/unknown/);
    const done = JSON.parse((await cli.run(['copy', source, target, '--json'])).stdout) as typeof planned;
    expect(planned.bytes[much]).toBe(done.bytes[much]);
  });

  test('--quiet prints only the copy’s name', async () => {
    const target = `${other.host}/quiet/iris`;
    expect(await cli.run(['copy', source, target, '--quiet'])).toEqual({
      exitCode: 0,
      stdout: `${target}\n`,
      stderr: '',
    });
  });

  test('a missing source ends with 1, one line and a hint, and the same as JSON', async () => {
    const { exitCode, stdout, stderr } = await cli.run([
      'copy',
      `${cli.host}/me/none`,
      `${other.host}/me/none`,
      '--json',
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error: \S+\/me\/none:latest does not exist.*\n {2}hint: check the name and the tag\n$/);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'REGISTRY_NOT_FOUND', hint: 'check the name and the tag' },
    });
  });

  test('a large copy instead of a mount needs --allow-copy', async () => {
    // Only the sizes in the manifest are large. The layers cannot be read, so an allowed copy ends at its first layer.
    await pushBase(cli.host, 'base/large', 'v1', { statedSize: 200_000_000 });
    const proxy = await startFaultProxy(cli.host, ({ method, url }) =>
      url.includes('mount=') || (method === 'GET' && url.includes('/blobs/'))
        ? { kind: 'answer', status: 403 }
        : undefined,
    );
    const copy = async (...flags: readonly string[]) =>
      cli.run(['copy', `${proxy.host}/base/large:v1`, `${proxy.host}/me/large:v1`, '--quiet', ...flags]);
    expect(await copy()).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(/does not mount .*\n {2}hint: give --allow-copy to send .* 600 MB/) as string,
    });
    expect(await copy('--allow-copy')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/base\/large@sha256:\w+ is forbidden to you/) as string,
    });
    await proxy.close();
  });

  test('plain HTTP is spoken to loopback, and to what --insecure names', async () => {
    // An address of this machine that is not a loopback address.
    const host = other.host.replace('127.0.0.1', '0.0.0.0');
    const copy = async (...flags: readonly string[]) =>
      cli.run(['copy', source, `${host}/plain/iris:v1`, '--quiet', ...flags]);
    expect(await copy()).toEqual({
      exitCode: 1,
      stdout: '',
      stderr:
        `error: ${host} does not speak HTTPS\n` +
        `  hint: give --insecure ${host} if plain HTTP is what it is meant to speak\n`,
    });
    expect(await copy('--insecure', host)).toEqual({ exitCode: 0, stdout: `${host}/plain/iris:v1\n`, stderr: '' });
  });

  test('an interrupt ends it with 130', async () => {
    const words = ['copy', source, `${other.host}/me/late:v1`];
    expect(await cli.run(words, AbortSignal.abort())).toEqual({
      exitCode: 130,
      stdout: '',
      stderr: 'error: interrupted\n',
    });
  });
});
