import { describe, expect, test } from 'vitest';
import { checksum } from '../../../core/checksum.ts';
import { modelRow } from '../../../core/row.ts';
import type { ContainerConfig } from '../../../image/container-config.ts';
import { wrapConfig } from '../../../image/engines/wrap-config.ts';

const predict = { input: { kind: 'json' } };
const http = modelRow.parse({
  name: 'flask',
  title: 'Flask',
  image: 'example/flask',
  server: { kind: 'http', port: 5000 },
  predict,
  license: 'Apache-2.0',
});
const express = modelRow.parse({
  name: 'digits',
  title: 'Digits',
  image: 'example/digits',
  server: { kind: 'express', module: 'dist/app.js' },
  predict,
});
const runtime = [
  '/modelwhisk/runtime/init',
  '/modelwhisk/runtime/lib/ld.so',
  '--library-path',
  '/modelwhisk/runtime/lib',
  '/modelwhisk/runtime/node',
];
const small = ['--max-semi-space-size=2', '--heap-growing-percent=50'];
const young = '--no-allocation-site-pretenuring';
const main = '/modelwhisk/adapter/main.cjs';

function wrap(config: ContainerConfig, row = http): ContainerConfig {
  return wrapConfig({ name: 'example/base:1', digest: `sha256:${'a'.repeat(64)}`, config }, row);
}

function variables(config: ContainerConfig): Record<string, string> {
  return Object.fromEntries(
    (config.Env ?? []).map((variable) => {
      const [name = '', ...value] = variable.split('=');
      return [name, value.join('=')];
    }),
  );
}

function baseOf(config: ContainerConfig): unknown {
  return JSON.parse(variables(config)['MODELWHISK_BASE'] ?? '');
}

describe("the base's own start travels in MODELWHISK_BASE", () => {
  test.each<[string, ContainerConfig, unknown, unknown]>([
    ['shell form', { Cmd: ['/bin/sh', '-c', 'python app.py'] }, null, ['/bin/sh', '-c', 'python app.py']],
    ['entrypoint only', { Entrypoint: ['/serve'], Cmd: null }, ['/serve'], null],
    ['command only', { Entrypoint: null, Cmd: ['python', 'app.py'] }, null, ['python', 'app.py']],
    ['both', { Entrypoint: ['tini', '--'], Cmd: ['serve', '"$x"'] }, ['tini', '--'], ['serve', '"$x"']],
    ['an empty list', { Entrypoint: [], Cmd: ['serve'] }, null, ['serve']],
  ])('%s', (_, config, entrypoint, command) => {
    const wrapped = wrap(config);
    expect(baseOf(wrapped)).toEqual({ entrypoint, command, environment: {} });
    expect(wrapped.Entrypoint).toEqual([...runtime, ...small, main]);
    expect(wrapped.Cmd).toBeNull();
  });
});

describe('variables that would reach the adapter instead of the model server', () => {
  const Env = ['PATH=/opt/conda/bin:/bin', 'LD_PRELOAD=/a.so', 'LD_BIND_NOW=1', 'NODE_OPTIONS=--a=b', 'LDFLAGS=-g'];

  test('are emptied and kept for the model server, the others stay as they are', () => {
    const wrapped = wrap({ Env, Cmd: ['serve'] });
    expect(wrapped.Env?.slice(0, 5)).toEqual([
      'PATH=/opt/conda/bin:/bin',
      'LD_PRELOAD=',
      'LD_BIND_NOW=',
      'NODE_OPTIONS=',
      'LDFLAGS=-g',
    ]);
    expect(baseOf(wrapped)).toHaveProperty('environment', {
      LD_PRELOAD: '/a.so',
      LD_BIND_NOW: '1',
      NODE_OPTIONS: '--a=b',
    });
  });

  test.each([
    'NODE_TLS_REJECT_UNAUTHORIZED',
    'NODE_DEBUG',
    'NODE_EXTRA_CA_CERTS',
    'NODE_UNIQUE_ID',
    'NODE_PENDING_DEPRECATION',
    'NODE_ENV',
  ])('%s is emptied for both kinds of model server, and kept', (name) => {
    for (const row of [undefined, express]) {
      const wrapped = wrap({ Env: [`${name}=1`, 'NODE_VERSION=24.18.0'], Cmd: ['serve'] }, row);
      expect(wrapped.Env?.slice(0, 2)).toEqual([`${name}=`, 'NODE_VERSION=24.18.0']);
      expect(baseOf(wrapped)).toHaveProperty('environment', { [name]: '1' });
    }
  });

  test("stay where an Express app's own Node.js needs them while it starts", () => {
    const needed = [...Env, 'NODE_PATH=/lib', 'NODE_VERSION=24.18.0'];
    const wrapped = wrap({ Env: needed }, express);
    expect(wrapped.Env?.slice(0, 7)).toEqual(needed);
    expect(baseOf(wrapped)).toHaveProperty('environment', {});
  });
});

test('the base’s stop signal stays in the configuration, and is passed to the adapter', () => {
  const wrapped = wrap({ Cmd: ['nginx'], StopSignal: 'SIGQUIT' });
  expect(wrapped.StopSignal).toBe('SIGQUIT');
  expect(baseOf(wrapped)).toMatchObject({ stopSignal: 'SIGQUIT' });
});

describe('an Express app runs', () => {
  test.each([
    ['NODE_VERSION=24.18.0', ['/modelwhisk/runtime/init', 'node', young, main]],
    ['NODE_VERSION=18.0.0', ['/modelwhisk/runtime/init', 'node', young, main]],
    ['NODE_VERSION=v20.1.0', ['/modelwhisk/runtime/init', 'node', young, main]],
    ['NODE_VERSION=16.20.2', [...runtime, young, main]],
    ['NODE_VERSION=', [...runtime, young, main]],
    ['OTHER=1', [...runtime, young, main]],
  ])('with %s by %j', (variable, entrypoint) => {
    expect(wrap({ Env: [variable] }, express).Entrypoint).toEqual(entrypoint);
  });
});

test('an http model server never runs the adapter in the Node.js of its base, nor beside it with a heap that grows', () => {
  const { Entrypoint } = wrap({ Env: ['NODE_VERSION=24.18.0'], Cmd: ['node', 'app.js'] });
  expect(Entrypoint).toEqual([...runtime, ...small, main]);
});

test('MODELWHISK_MODEL is the row as the adapter reads it, without what is only for people', () => {
  const row: unknown = JSON.parse(variables(wrap({ Cmd: ['serve'] }))['MODELWHISK_MODEL'] ?? '');
  expect(modelRow.parse(row)).toMatchObject({ name: 'flask', server: http.server, predict: http.predict });
  expect(row).not.toHaveProperty('license');
});

test('ports and labels are added to those of the base, and everything else stays', () => {
  const config = {
    Cmd: ['serve'],
    ExposedPorts: { '5000/tcp': {} },
    Labels: { maintainer: 'someone', 'org.opencontainers.image.base.name': 'debian' },
    User: 'max',
    WorkingDir: '/home/max',
    Volumes: { '/data': {} },
    StopSignal: 'SIGINT',
  };
  expect(wrap(config)).toMatchObject({
    ExposedPorts: { '5000/tcp': {}, '8080/tcp': {} },
    Labels: {
      maintainer: 'someone',
      'org.opencontainers.image.base.name': 'example/base:1',
      'org.opencontainers.image.base.digest': `sha256:${'a'.repeat(64)}`,
      'dev.modelwhisk.model': 'flask',
      'dev.modelwhisk.version': expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
    },
    User: 'max',
    WorkingDir: '/home/max',
    Volumes: { '/data': {} },
    StopSignal: 'SIGINT',
  });
});

test('a base without a digest gets no digest label', () => {
  const { Labels } = wrapConfig({ name: 'local', digest: undefined, config: { Cmd: ['serve'] } }, http);
  expect(Object.keys(Labels ?? {})).toEqual([
    'org.opencontainers.image.base.name',
    'dev.modelwhisk.model',
    'dev.modelwhisk.version',
    'dev.modelwhisk.row',
  ]);
});

test('the label dev.modelwhisk.row holds the whole row, also what the adapter does not need', () => {
  const row = modelRow.parse({ ...http, memory: 3000, gpu: 2, note: 'slow', sample: { json: { x: 1 } } });
  const { Labels, Env } = wrapConfig({ name: 'local', digest: undefined, config: { Cmd: ['serve'] } }, row);
  expect(modelRow.parse(JSON.parse(Labels?.['dev.modelwhisk.row'] ?? ''))).toEqual(row);
  expect(Env?.join()).not.toContain('3000');
});

test.each([
  [{ Test: ['CMD', 'curl', 'localhost:5000'], Interval: 1 }, { Test: ['NONE'] }],
  [undefined, undefined],
])('a health check %j of the base becomes %j', (Healthcheck, expected) => {
  expect(wrap({ Cmd: ['serve'], ...(Healthcheck && { Healthcheck }) }).Healthcheck).toEqual(expected);
});

describe('refuses', () => {
  test('a base that starts nothing, for an http model server', () => {
    expect(() => wrap({ Entrypoint: [], Cmd: null })).toThrow(
      expect.objectContaining({ code: 'BASE_IMAGE', message: expect.stringContaining('example/base:1') as string }),
    );
  });

  test('a base that has the adapter already, naming the one beneath', () => {
    const wrapped = wrap({ Cmd: ['serve'] });
    expect(() => wrapConfig({ name: 'me/flask', digest: undefined, config: wrapped }, http)).toThrow(
      expect.objectContaining({ code: 'BASE_IMAGE', hint: expect.stringContaining('example/base:1') as string }),
    );
  });
});

test('MODELWHISK_CHECKSUM vouches for row and start, so that the adapter need not check them', () => {
  const { MODELWHISK_MODEL = '', MODELWHISK_BASE = '', ...others } = variables(wrap({ Cmd: ['serve'] }));
  expect(others['MODELWHISK_CHECKSUM']).toBe(checksum(MODELWHISK_MODEL, MODELWHISK_BASE));
});
