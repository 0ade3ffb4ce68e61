import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { Environment } from '../../../core/settings.ts';
import { credentialsFromEnvironment, storedCredentials } from '../../../image/registry/credentials.ts';

const me = { kind: 'password', username: 'me', password: 'p:w' } as const;
const helped = { kind: 'password', username: 'helped', password: 's3cret' } as const;
const auth = Buffer.from('me:p:w').toString('base64');
const hubKey = 'https://index.docker.io/v1/';

describe('storedCredentials', () => {
  let home: string;
  let environment: Environment;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'modelwhisk-credentials-'));
    environment = { HOME: home, PATH: `${home}/bin:${process.env['PATH']}` };
    await mkdir(join(home, 'bin'));
    // Stands for a real helper such as docker-credential-osxkeychain, which cannot run here, with the same protocol.
    await writeHelper('x', [
      'read -r server',
      'case "$1 $server" in',
      `  "get quay.io" | "get ${hubKey}") echo '{"ServerURL":"x","Username":"helped","Secret":"s3cret"}' ;;`,
      `  "get ghcr.io") echo '{"Username":"<token>","Secret":"refresh"}' ;;`,
      '  *) echo "credentials not found in native keychain"; exit 1 ;;',
      'esac',
    ]);
  });
  afterEach(async () => rm(home, { recursive: true }));

  test.each([
    ['auths by host', { auths: { 'quay.io': { auth } } }, 'quay.io', me],
    ['the key of Docker Hub', { auths: { [hubKey]: { auth } } }, 'docker.io', me],
    ['a host with a port', { auths: { 'localhost:5000': { auth } } }, 'localhost:5000', me],
    ['another port', { auths: { 'localhost:5000': { auth } } }, 'localhost:5001', undefined],
    ['an older key with scheme and path', { auths: { 'https://quay.io/v1/': { auth } } }, 'quay.io', me],
    ['an empty entry', { auths: { 'quay.io': {} } }, 'quay.io', undefined],
    ['nothing for this registry', { auths: { 'ghcr.io': { auth } } }, 'quay.io', undefined],
    ['the tokens of a web login', { auths: { [`${hubKey}access-token`]: { auth } } }, 'docker.io', undefined],
    ['user name and password apart', { auths: { 'quay.io': { username: 'me', password: 'p:w' } } }, 'quay.io', me],
    [
      'a NUL at the end',
      { auths: { 'quay.io': { auth: Buffer.from('me:p:w\0\0').toString('base64') } } },
      'quay.io',
      me,
    ],
    [
      'an identity token',
      { auths: { 'quay.io': { auth, identitytoken: 't' } } },
      'quay.io',
      { kind: 'identity-token', token: 't' },
    ],
    ['credsStore', { credsStore: 'x' }, 'quay.io', helped],
    ['credsStore beside an empty entry', { credsStore: 'x', auths: { 'quay.io': {} } }, 'quay.io', helped],
    ['credsStore with the key of Docker Hub', { credsStore: 'x' }, 'docker.io', helped],
    ['credsStore that knows nothing, then auths', { credsStore: 'x', auths: { 'x.io': { auth } } }, 'x.io', me],
    ['credHelpers before credsStore', { credHelpers: { 'quay.io': 'x' }, credsStore: 'missing' }, 'quay.io', helped],
    ['credHelpers for another host', { credHelpers: { 'ghcr.io': 'x' } }, 'quay.io', undefined],
    [
      'a helper that holds an identity token',
      { credsStore: 'x' },
      'ghcr.io',
      { kind: 'identity-token', token: 'refresh' },
    ],
  ])('%s', async (_title, config, registry, expected) => {
    await writeConfig('.docker/config.json', config);
    expect(await storedCredentials(environment)(registry)).toEqual(expected);
  });

  describe('of several keys for one registry the most specific one wins', () => {
    const of = (username: string): object => ({ auth: Buffer.from(`${username}:x`).toString('base64') });
    const auths = {
      'HOST.test': of('host'),
      'HOST.test/team-b': of('team'),
      'host.test/team-b/x/': of('repository'),
      'https://host.test/v1/': of('old'),
      'host.test/team-b/none': {},
      'docker.io/team-b': of('hub-team'),
      [hubKey]: of('hub'),
    };
    test.each([
      ['host.test', 'team-a/x', 'host'],
      ['host.test', 'team-b/y', 'team'],
      ['host.test', 'team-b/y/z', 'team'],
      ['host.test', 'team-b', 'team'],
      ['host.test', 'team-b/x', 'repository'],
      ['host.test', 'team-b/none', 'team'],
      ['host.test', 'team-bb/x', 'host'],
      ['host.test', 'v1', 'host'],
      ['docker.io', 'team-b/x', 'hub-team'],
      ['docker.io', 'library/node', 'hub'],
    ])('%s %s: %s', async (registry, repository, username) => {
      await writeConfig('.docker/config.json', { auths });
      expect(await storedCredentials(environment)(registry, repository)).toMatchObject({ username });
    });

    test('a key for a part of the registry is not used for the rest of it', async () => {
      await writeConfig('.docker/config.json', { auths: { 'host.test/team-b': of('team') } });
      expect(await storedCredentials(environment)('host.test', 'team-a/x')).toBeUndefined();
    });

    test('a key for a part of the registry is used before a helper for all of it', async () => {
      await writeConfig('.docker/config.json', { credsStore: 'x', auths: { 'quay.io/team-b': of('team') } });
      const stored = storedCredentials(environment);
      expect(await stored('quay.io', 'team-b/x')).toMatchObject({ username: 'team' });
      expect(await stored('quay.io', 'team-a/x')).toMatchObject({ username: 'helped' });
    });
  });

  test('a helper is called once for all repositories of a registry', async () => {
    await writeHelper('counting', [`echo asked >> ${home}/asked`, `echo '{"Username":"u","Secret":"s"}'`]);
    await writeConfig('.docker/config.json', { credsStore: 'counting' });
    const stored = storedCredentials(environment);
    await Promise.all(['a/x', 'b/x', 'a/y'].map(async (repository) => stored('quay.io', repository)));
    expect(await readFile(join(home, 'asked'), 'utf8')).toBe('asked\n');
  });

  test('does not wait for a process that a helper leaves behind', async () => {
    await writeHelper('forking', ['sleep 60 &', `echo '{"Username":"u","Secret":"s"}'`]);
    await writeConfig('.docker/config.json', { credsStore: 'forking' });
    const began = Date.now();
    expect(await storedCredentials(environment)('quay.io')).toMatchObject({ username: 'u' });
    expect(Date.now() - began).toBeLessThan(5000);
  });

  test('a helper that never stops printing is stopped', async () => {
    await writeHelper('endless', ['while :; do echo s3cret; done']);
    await writeConfig('.docker/config.json', { credsStore: 'endless' });
    await expect(storedCredentials(environment)('quay.io')).rejects.toMatchObject({
      code: 'REGISTRY_CREDENTIALS',
      message: 'docker-credential-endless printed more than 1048576 bytes',
    });
  });

  test.each([
    ['DOCKER_CONFIG', { DOCKER_CONFIG: 'HOME/elsewhere' }, 'elsewhere/config.json'],
    ['REGISTRY_AUTH_FILE', { REGISTRY_AUTH_FILE: 'HOME/auth.json' }, 'auth.json'],
    ['XDG_RUNTIME_DIR', { XDG_RUNTIME_DIR: 'HOME/run' }, 'run/containers/auth.json'],
    ['podman’s own place', {}, '.config/containers/auth.json'],
  ])('reads the file that %s names', async (_title, variables, path) => {
    await writeConfig(path, { auths: { 'quay.io': { auth } } });
    const named = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, value.replace('HOME', home)]),
    );
    expect(await storedCredentials({ ...environment, ...named })('quay.io')).toEqual(me);
  });

  test('DOCKER_AUTH_CONFIG goes before the files, which still hold for other registries', async () => {
    await writeConfig('.docker/config.json', { auths: { 'quay.io': { auth }, 'ghcr.io': { auth } } });
    const inline = JSON.stringify({ auths: { 'quay.io': { auth: Buffer.from('ci:x').toString('base64') } } });
    const stored = storedCredentials({ ...environment, DOCKER_AUTH_CONFIG: inline });
    expect(await stored('quay.io')).toEqual({ kind: 'password', username: 'ci', password: 'x' });
    expect(await stored('ghcr.io')).toEqual(me);
  });

  test.each([
    ['a helper that is not installed', { credsStore: 'missing' }, 'docker-credential-missing is not on the PATH'],
    ['a helper that fails', { credsStore: 'broken' }, 'docker-credential-broken failed with exit code 3'],
    ['a helper that answers nonsense', { credsStore: 'nonsense' }, 'something other than credentials'],
    ['a helper name that leads elsewhere', { credsStore: '../x' }, 'expected the NAME'],
    ['a file that is not JSON', '{"auths": {"quay.io": s3cret', 'is not a Docker configuration'],
    [
      'an entry that is not base64 of two parts',
      { auths: { 'quay.io': { auth: 'czNjcmV0' } } },
      'not base64 of USER:PASSWORD',
    ],
  ])('%s is an error that repeats no secret', async (_title, config, message) => {
    await writeHelper('broken', ['echo s3cret', 'echo s3cret >&2', 'exit 3']);
    await writeHelper('nonsense', ['echo s3cret']);
    await writeConfig('.docker/config.json', config);
    const error: unknown = await storedCredentials(environment)('quay.io').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
    expect(`${JSON.stringify(error)} ${String(error)} ${(error as Error).stack}`).not.toMatch(/s3cret|czNjcmV0/);
  });

  async function writeConfig(path: string, config: object | string): Promise<void> {
    await mkdir(join(home, path, '..'), { recursive: true });
    await writeFile(join(home, path), typeof config === 'string' ? config : JSON.stringify(config));
  }

  async function writeHelper(name: string, lines: readonly string[]): Promise<void> {
    const path = join(home, 'bin', `docker-credential-${name}`);
    await writeFile(path, `#!/bin/sh\n${lines.join('\n')}\n`);
    await chmod(path, 0o755);
  }
});

describe('credentialsFromEnvironment', () => {
  test('takes REGISTRY_USERNAME and REGISTRY_PASSWORD together', () => {
    expect(credentialsFromEnvironment({ REGISTRY_USERNAME: 'me', REGISTRY_PASSWORD: 'p:w' })).toEqual(me);
    expect(credentialsFromEnvironment({})).toBeUndefined();
  });

  test.each([
    [{ REGISTRY_USERNAME: 'me' }, 'REGISTRY_PASSWORD is not set'],
    [{ REGISTRY_PASSWORD: 's3cret' }, 'REGISTRY_USERNAME is not set'],
  ])('refuses one without the other', (environment, message) => {
    expect(() => credentialsFromEnvironment(environment)).toThrow(message);
  });
});
