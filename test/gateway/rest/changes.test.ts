import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EntityChange } from '../../../gateway/controller.ts';
import { send, type Received } from '../support/send.ts';
import { callers, startStage, type Stage } from '../support/stage.ts';

const [, { credentials }] = callers;

let stage: Stage;
let changes: EntityChange[];

beforeEach(async () => {
  changes = [];
  stage = await startStage({ onChange: (change) => changes.push(change) }, [
    { name: 'echo' },
    { name: 'member', package: 'pack', annotations: { final: false } },
  ]);
  stage.container.answer = ({ value }) => value;
});

afterEach(() => stage.close());

/** @param path follows `/api/v1/namespaces/_/` */
async function rest(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Received> {
  return send(`${stage.url}/api/v1/namespaces/_/${path}`, {
    method,
    headers: { ...credentials, ...headers, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function statusAndError(reply: Promise<Received>): Promise<[status: number, error: unknown]> {
  const { status, text } = await reply;
  return [status, (JSON.parse(text) as Record<string, unknown>)['error']];
}

const image = 'registry:5000/team/img:1.2';

/** The request of each `wsk` command (openwhisk-cli, commands/action.go; openwhisk-client-go, whisk/action.go). */
const wskCreates: readonly [line: string, body: object, expected: object][] = [
  [
    'wsk action create new --docker IMAGE',
    { namespace: '_', name: 'new', exec: { kind: 'blackbox', image }, annotations: [] },
    {
      exec: { kind: 'blackbox', image, binary: false },
      limits: { memory: 256, timeout: 60_000, logs: 10, concurrency: 1, instances: 1 },
      annotations: [
        { key: 'provide-api-key', value: false },
        { key: 'exec', value: 'blackbox' },
      ],
    },
  ],
  [
    'wsk action create new --docker IMAGE --web true -m 512 -t 300000 -l 0 -c 4',
    {
      namespace: '_',
      name: 'new',
      exec: { kind: 'blackbox', image },
      annotations: [
        { key: 'web-export', value: true },
        { key: 'raw-http', value: false },
        { key: 'final', value: true },
      ],
      limits: { timeout: 300_000, memory: 512, logs: 0, concurrency: 4 },
    },
    {
      limits: { memory: 512, timeout: 300_000, logs: 0, concurrency: 4, instances: 1 },
      annotations: expect.arrayContaining([
        { key: 'web-export', value: true },
        { key: 'final', value: true },
      ]) as unknown,
    },
  ],
  [
    'wsk action create new code.js --docker IMAGE --main go -p K 1',
    {
      namespace: '_',
      name: 'new',
      exec: { kind: 'blackbox', image, code: 'function go() {}', main: 'go' },
      parameters: [{ key: 'K', value: 1 }],
    },
    {
      exec: { kind: 'blackbox', image, binary: false, code: 'function go() {}', main: 'go' },
      parameters: [{ key: 'K', value: 1 }],
    },
  ],
];

describe('creating an action', () => {
  test.each(wskCreates)('%s', async (_line, body, expected) => {
    const reply = await rest('PUT', 'actions/new?overwrite=false', body);
    expect([reply.status, reply.json()]).toEqual([
      200,
      expect.objectContaining({ namespace: 'guest', name: 'new', version: '0.0.1', publish: false, ...expected }),
    ]);
    expect((await rest('GET', 'actions/new')).json()).toEqual(reply.json());
    expect(changes).toEqual([{ kind: 'action', name: 'new', change: 'created' }]);
  });

  test('code=false leaves out the code', async () => {
    await rest('PUT', 'actions/new', { exec: { kind: 'blackbox', image, code: 'x' } });
    expect((await rest('GET', 'actions/new?code=false')).json()['exec']).not.toHaveProperty('code');
  });

  test.each<[title: string, path: string, body: object, status: number, message: string | RegExp]>([
    ['an action that exists', 'echo', { exec: { kind: 'blackbox', image } }, 409, 'resource already exists'],
    ['a name that a package has', 'pack', { exec: { kind: 'blackbox', image } }, 409, /exists but is not in this/],
    ['a package that does not exist', 'none/new', { exec: { kind: 'blackbox', image } }, 404, /does not exist/],
    ['nothing to run', 'new', {}, 400, 'exec undefined'],
    ['another kind', 'new', { exec: { kind: 'nodejs:20', code: 'x' } }, 400, /kind 'nodejs:20' is not available/],
    ['no image', 'new', { exec: { kind: 'blackbox' } }, 400, /'image' must be a string/],
    ['a bad image name', 'new', { exec: { kind: 'blackbox', image: 'A b' } }, 400, /could not parse image name/],
    [
      'too little memory',
      'new',
      { exec: { kind: 'blackbox', image }, limits: { memory: 64 } },
      400,
      /memory size 64 MB below allowed threshold of 128 MB/,
    ],
    [
      'too long a time',
      'new',
      { exec: { kind: 'blackbox', image }, limits: { timeout: 300_001 } },
      400,
      /timeout 300001 milliseconds exceeds allowed threshold of 300000 milliseconds/,
    ],
    ['a limit that is not a number', 'new', { limits: { memory: 'x' } }, 400, /limits\.memory: must be a number/],
    ['a parameter without a value', 'new', { parameters: [{ key: 'K' }] }, 400, /parameters\.0\.value: has no value/],
    ['annotations that are not a list', 'new', { annotations: { a: 1 } }, 400, /annotations: /],
    ['a bad name', 'a%2Fb', { exec: { kind: 'blackbox', image } }, 400, /illegal characters/],
  ])('%s is refused', async (_title, path, body, status, message) => {
    const [seen, error] = await statusAndError(rest('PUT', `actions/${path}`, body));
    expect(seen).toBe(status);
    expect(error).toMatch(message);
    expect(changes).toEqual([]);
  });

  test('a body above the limit is refused with both sizes', async () => {
    const body = { exec: { kind: 'blackbox', image, code: 'x'.repeat(1_048_576) } };
    expect(await statusAndError(rest('PUT', 'actions/new', body))).toEqual([
      413,
      expect.stringMatching(/^Request larger than allowed: \d+ > 1048576 bytes\.$/),
    ]);
  });
});

describe('changing an action', () => {
  test('keeps parts that the request omits, merges annotations, and increments the version', async () => {
    const created = { exec: { kind: 'blackbox', image }, parameters: [{ key: 'K', value: 1, init: true }] };
    await rest('PUT', 'actions/new', {
      ...created,
      annotations: [
        { key: 'a', value: 1 },
        { key: 'b', value: 1 },
      ],
    });
    const reply = await rest('PUT', 'actions/new?overwrite=true', {
      limits: { memory: 512 },
      annotations: [{ key: 'b', value: 2 }],
      delAnnotations: ['a'],
    });
    expect(reply.json()).toMatchObject({
      version: '0.0.2',
      exec: { image },
      parameters: [{ key: 'K', value: 1, init: true }],
      limits: { memory: 512, timeout: 60_000 },
      annotations: [
        { key: 'provide-api-key', value: false },
        { key: 'b', value: 2 },
        { key: 'exec', value: 'blackbox' },
      ],
    });
  });

  test('applies from the next call, while running calls end normally', async () => {
    const before = stage.container.answer;
    const open: (() => void)[] = [];
    stage.container.handle = (path, response) => {
      const end = (): void => void response.writeHead(200, { 'Content-Length': 2 }).end('{}');
      if (path === '/init') end();
      else open.push(end);
    };
    const running = rest('POST', 'actions/echo?blocking=true&result=true');
    await expect.poll(() => open).toHaveLength(1);
    await rest('PUT', 'actions/echo?overwrite=true', { parameters: [{ key: 'K', value: 'new' }] });
    for (const end of open) end();
    expect((await running).status).toBe(200);
    stage.container.handle = undefined;
    stage.container.answer = before;
    expect((await rest('POST', 'actions/echo?blocking=true&result=true')).json()).toEqual({ K: 'new' });
    expect(stage.container.runs().map((run) => run['action_version'])).toEqual(['0.0.1', '0.0.2']);
  });
});

describe('deleting an action', () => {
  test('answers with it, and it is gone', async () => {
    const reply = await rest('DELETE', 'actions/echo');
    expect([reply.status, reply.json()]).toEqual([200, expect.objectContaining({ name: 'echo' })]);
    expect((await rest('GET', 'actions/echo')).status).toBe(404);
    expect((await rest('DELETE', 'actions/echo')).status).toBe(404);
    expect((await stage.web('guest/default/echo')).status).toBe(404);
    expect((await rest('DELETE', 'actions/pack')).status).toBe(409);
  });
});

describe('packages and bindings', () => {
  test('parameters: those of the package below those of the binding below those of the action', async () => {
    const key = (name: string, value: string) => ({ key: name, value });
    await rest('PUT', 'packages/pack?overwrite=true', {
      parameters: [key('a', 'pack'), key('b', 'pack'), key('c', 'pack')],
    });
    const bound = await rest('PUT', 'packages/bound', {
      binding: { namespace: '_', name: 'pack' },
      parameters: [key('b', 'bound'), key('c', 'bound')],
    });
    expect(bound.json()).toMatchObject({ binding: { namespace: 'guest', name: 'pack' } });
    await rest('PUT', 'actions/pack/member?overwrite=true', { parameters: [key('c', 'action')] });
    const invoke = async (name: string): Promise<unknown> =>
      (await rest('POST', `actions/${name}?blocking=true&result=true`, { d: 'call' })).json();
    expect(await invoke('pack/member')).toEqual({ a: 'pack', b: 'pack', c: 'action', d: 'call' });
    expect(await invoke('bound/member')).toEqual({ a: 'pack', b: 'bound', c: 'action', d: 'call' });
    expect((await stage.web('guest/bound/member.json')).json()).toMatchObject({ a: 'pack', b: 'bound', c: 'action' });
    expect((await rest('GET', 'packages/bound')).json()).toMatchObject({
      annotations: [{ key: 'binding', value: { namespace: 'guest', name: 'pack' } }],
      parameters: [key('a', 'pack'), key('b', 'bound'), key('c', 'bound')],
      actions: [{ name: 'member' }],
    });
  });

  test('create, change, list and delete', async () => {
    expect((await rest('PUT', 'packages/more', {})).json()).toMatchObject({
      name: 'more',
      version: '0.0.1',
      binding: {},
    });
    const annotations = [{ key: 'a', value: 1 }];
    expect((await rest('PUT', 'packages/more?overwrite=true', { annotations })).json()).toMatchObject({
      version: '0.0.2',
      annotations,
    });
    expect(JSON.parse((await rest('GET', 'packages')).text)).toMatchObject([{ name: 'pack' }, { name: 'more' }]);
    expect((await rest('PUT', 'actions/more/new', { exec: { kind: 'blackbox', image } })).json()).toMatchObject({
      namespace: 'guest/more',
    });
    expect(await statusAndError(rest('DELETE', 'packages/more'))).toEqual([
      409,
      'Package not empty (contains 1 entity). Set force param or delete package contents.',
    ]);
    expect((await rest('DELETE', 'packages/more?force=true')).status).toBe(200);
    expect((await rest('GET', 'actions/more/new')).status).toBe(404);
    expect((await rest('DELETE', 'packages/more')).status).toBe(404);
  });

  test.each<[title: string, name: string, body: object, status: number, message: string | RegExp]>([
    ['a package that exists', 'pack', {}, 409, 'resource already exists'],
    ['a name that an action has', 'echo', {}, 409, /exists but is not in this collection/],
    ['a reserved name', 'default', {}, 400, "Package name 'default' is reserved."],
    ['a binding to nothing', 'b', { binding: { namespace: '_', name: 'none' } }, 400, /that does not exist/],
    [
      'a binding elsewhere',
      'b',
      { binding: { namespace: 'other', name: 'p' } },
      403,
      /not authorized to access 'other\/p'/,
    ],
    [
      'a package made a binding',
      'pack?overwrite=true',
      { binding: { namespace: '_', name: 'pack' } },
      409,
      /converted/,
    ],
  ])('%s is refused', async (_title, name, body, status, message) => {
    const [seen, error] = await statusAndError(rest('PUT', `packages/${name}`, body));
    expect(seen).toBe(status);
    expect(error).toMatch(message);
  });

  test('a binding is not bound again, and takes no actions', async () => {
    await rest('PUT', 'packages/bound', { binding: { namespace: '_', name: 'pack' } });
    expect(await statusAndError(rest('PUT', 'packages/b', { binding: { namespace: '_', name: 'bound' } }))).toEqual([
      400,
      'Cannot bind to another package binding.',
    ]);
    expect(await statusAndError(rest('PUT', 'actions/bound/new', { exec: { kind: 'blackbox', image } }))).toEqual([
      400,
      'Operation not permitted on package binding.',
    ]);
    expect(await statusAndError(rest('DELETE', 'actions/bound/member'))).toEqual([
      400,
      'Operation not permitted on package binding.',
    ]);
  });
});

describe('who may change something', () => {
  const body = { exec: { kind: 'blackbox', image } };

  test.each<[title: string, headers: Record<string, string>, status: number]>([
    ['no credentials', { Authorization: '' }, 401],
    ['a wrong key', { Authorization: `Basic ${btoa('uuid:key')}` }, 401],
    ['a page of another origin', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['a page of another port', { 'Sec-Fetch-Site': 'same-site' }, 403],
  ])('%s is refused', async (_title, headers, status) => {
    for (const [method, path] of [
      ['PUT', 'actions/new'],
      ['PUT', 'packages/new'],
      ['DELETE', 'actions/echo'],
      ['DELETE', 'packages/pack'],
    ] as const) {
      expect((await rest(method, path, body, headers)).status).toBe(status);
    }
    expect(changes).toEqual([]);
  });

  test('a preflight request does not allow another origin', async () => {
    const reply = await rest('OPTIONS', 'actions/new', undefined, {
      Origin: 'http://evil.example',
      'Access-Control-Request-Method': 'PUT',
      'Access-Control-Request-Headers': 'authorization',
    });
    expect([reply.status, reply.all('access-control-allow-origin')]).toEqual([200, []]);
  });
});
