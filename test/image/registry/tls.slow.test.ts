import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { lacks } from '../../support/requirements.ts';
import { requestFor, testEngine, testRegistries, type TestOptions } from './support/adapter.ts';
import { pushBase } from './support/base-images.ts';
import { startFakeRegistry, type FakeRegistryOptions } from './support/fake-registry.ts';
import { readNamedImage } from '../../../image/registry/image.ts';

describe.skipIf(lacks('openssl'))('a registry with a certificate of its company', () => {
  let folder: string;
  const closers: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modelwhisk-tls-'));
    await makeAuthority();
    await makeCertificate('good', 'IP:127.0.0.1,DNS:localhost');
    await makeCertificate('other', 'DNS:elsewhere.example.test');
    await makeCertificate('expired', 'IP:127.0.0.1', [
      '-not_before',
      '20200101000000Z',
      '-not_after',
      '20200102000000Z',
    ]);
  });
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });
  afterAll(async () => rm(folder, { recursive: true }));

  test.each([
    [
      'good',
      'is signed by an authority that is not trusted here',
      /certs\.d\/127\.0\.0\.1:\d+\/ca\.crt.*NODE_EXTRA_CA_CERTS/,
    ],
    ['other', 'is for another host', /name/],
    ['expired', 'has expired', /renew/],
  ])('%s: reported at once, with what to do', async (name, problem, hint) => {
    const { host, connections } = await start(name);
    const home = name === 'good' ? folder : await homeThatTrusts(host);

    const reading = read(host, { environment: { HOME: home } });

    await expect(reading).rejects.toMatchObject({
      code: 'REGISTRY_CERTIFICATE',
      message: expect.stringContaining(problem) as string,
      hint: expect.stringMatching(hint) as string,
    });
    expect(connections()).toBeLessThanOrEqual(2);
  });

  test.each([
    ['~/.docker/certs.d', '.docker/certs.d', {}],
    ['$DOCKER_CONFIG/certs.d', 'elsewhere/certs.d', { DOCKER_CONFIG: 'HOME/elsewhere' }],
    ['rootless Docker’s folder', '.config/docker/certs.d', {}],
    ['podman’s folder', 'xdg/containers/certs.d', { XDG_CONFIG_HOME: 'HOME/xdg' }],
  ])('is trusted through %s', async (_title, path, variables) => {
    const { host } = await start('good');
    const home = await homeThatTrusts(host, path);
    const named = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, value.replace('HOME', home)]),
    );
    await expect(read(host, { environment: { HOME: home, ...named } })).rejects.toMatchObject({
      code: 'REGISTRY_NOT_FOUND',
    });
  });

  test('a registry on localhost with TLS is used over TLS', async () => {
    const { host } = await start('good');
    const local = host.replace('127.0.0.1', 'localhost');
    const home = await homeThatTrusts(local);
    await expect(read(local, { environment: { HOME: home } })).rejects.toMatchObject({ code: 'REGISTRY_NOT_FOUND' });
  });

  test('is trusted by build.ts through NODE_EXTRA_CA_CERTS, and otherwise the error says how', async () => {
    const { host } = await start('good');
    const words = ['--image', `${host}/base/x:v1`, '--username', 'me', '--registry', host, '--engine', 'registry'];
    const environment = { HOME: folder, PATH: process.env['PATH'] };
    const run = async (more: object): Promise<string> => {
      const options = { env: { ...environment, ...more }, extendEnv: false, reject: false } as const;
      return (await execa(join(import.meta.dirname, '../../../build.ts'), words, options)).stderr;
    };
    expect(await run({})).toMatch(/^error: the certificate of .* is signed by an authority that is not trusted here/m);
    expect(await run({ NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') })).toContain('does not exist');
  });

  test('a registry may require a client certificate', async () => {
    const { host } = await start('good', { requestCert: true, rejectUnauthorized: true });
    const home = await homeThatTrusts(host);
    await expect(read(host, { environment: { HOME: home } })).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    for (const [from, to] of [
      ['good.pem', 'client.cert'],
      ['good.key', 'client.key'],
    ] as const) {
      await writeFile(join(home, '.docker/certs.d', host, to), await readFile(join(folder, from)));
    }
    await expect(read(host, { environment: { HOME: home } })).rejects.toMatchObject({ code: 'REGISTRY_NOT_FOUND' });
  });

  async function read(host: string, options: TestOptions): Promise<unknown> {
    return readNamedImage(testRegistries(options), `${host}/base/x:v1`, requestFor('x', 'me/x'));
  }

  async function start(
    name: string,
    options: object = {},
  ): Promise<{ readonly host: string; readonly connections: () => number }> {
    const [key, cert, ca] = await Promise.all(
      [`${name}.key`, `${name}.pem`, 'ca.pem'].map(async (file) => readFile(join(folder, file), 'utf8')),
    );
    const tls = { key, cert, ca, ...options } as NonNullable<FakeRegistryOptions['tls']>;
    const registry = await startFakeRegistry({ tls });
    closers.push(registry.close);
    return registry;
  }

  async function homeThatTrusts(host: string, path = '.docker/certs.d'): Promise<string> {
    const home = await mkdtemp(join(folder, 'home-'));
    await mkdir(join(home, path, host), { recursive: true });
    await writeFile(join(home, path, host, 'ca.crt'), await readFile(join(folder, 'ca.pem')));
    return home;
  }

  async function makeAuthority(): Promise<void> {
    const words = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=company';
    await execa('openssl', [...words.split(' '), '-keyout', 'ca.key', '-out', 'ca.pem'], { cwd: folder });
    await writeFile(join(folder, 'index.txt'), '');
    await writeFile(
      join(folder, 'ca.cnf'),
      [
        '[ca]\ndefault_ca = company\n[company]\ndatabase = index.txt\nnew_certs_dir = .\ndefault_md = sha256',
        'policy = any\nrand_serial = yes\nunique_subject = no\ncopy_extensions = copy\n[any]\ncommonName = supplied\n',
      ].join('\n'),
    );
  }

  async function makeCertificate(
    name: string,
    names: string,
    validity: readonly string[] = ['-days', '2'],
  ): Promise<void> {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`];
    const request = [
      'req',
      ...key,
      '-subj',
      `/CN=${name}`,
      '-addext',
      `subjectAltName=${names}`,
      '-out',
      `${name}.csr`,
    ];
    await execa('openssl', request, { cwd: folder });
    const dates = validity.map((word) => word.replace('-not_before', '-startdate').replace('-not_after', '-enddate'));
    const sign = ['ca', '-batch', '-config', 'ca.cnf', '-cert', 'ca.pem', '-keyfile', 'ca.key', ...dates];
    await execa('openssl', [...sign, '-in', `${name}.csr`, '-out', `${name}.pem`], { cwd: folder });
  }
});

test('a registry on this machine without TLS is used over plain HTTP', async () => {
  const registry = await startFakeRegistry();
  await pushBase(registry.host, 'base/x', 'v1');
  const { digest } = await (
    await testEngine()
  ).build(requestFor(`${registry.host}/base/x:v1`, `${registry.host.replace('127.0.0.1', 'localhost')}/me/x:v1`));
  expect(digest).toMatch(/^sha256:/);
  await registry.close();
});
