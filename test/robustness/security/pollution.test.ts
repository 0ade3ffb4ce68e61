import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kinds, serverSetting, type Kind } from '../support/rows.ts';
import { startStage, type Stage } from '../support/stage.ts';

const file = { kind: 'file', field: 'image', filename: 'image.png', contentType: 'image/png' };
const prototype = Object.getOwnPropertyNames(Object.prototype).toSorted();
let stages: Record<Kind, { readonly raw: Stage; readonly standard: Stage }>;

beforeAll(async () => {
  const start = async (kind: Kind, raw: boolean): Promise<Stage> =>
    startStage(
      await serverSetting(kind, 'recorder.mjs', { predict: { input: file, parameters: [{ name: '__proto__' }] } }),
      { raw },
    );
  const both = async (kind: Kind) => ({ raw: await start(kind, true), standard: await start(kind, false) });
  stages = { express: await both('express'), http: await both('http') };
});
afterAll(async () => {
  for (const { raw, standard } of Object.values(stages)) await Promise.all([raw.close(), standard.close()]);
});

const polluting = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"image_base64":"AAAA"}';
const json = { 'content-type': 'application/json' };

describe.each(kinds)('no parameter reaches the prototype of all objects (%s)', (kind) => {
  test.each([
    ['a JSON body', '/x', { method: 'POST', headers: json, body: polluting }],
    ['a JSON body that names a file', '/predict', { method: 'POST', headers: json, body: polluting }],
    ['a query', '/x?__proto__%5Bpolluted%5D=1&__proto__=1&constructor.prototype.polluted=1', {}],
    [
      'a form',
      '/x',
      {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: '__proto__[polluted]=1&__proto__=1',
      },
    ],
    ['headers', '/x', { headers: { __proto__x: '1', ['__proto__']: '1', constructor: '1' } }],
  ])('%s', async (_place, path, options) => {
    for (const stage of Object.values(stages[kind])) {
      expect((await stage.call(path, options)).status).toBe(200);
      const about = (await stage.call('/process')).json();
      expect(about['prototype']).toEqual(prototype);
    }
    expect(Object.getOwnPropertyNames(Object.prototype).toSorted()).toEqual(prototype);
  });

  test('a member called __proto__ arrives like any other', async () => {
    const { body } = (
      await stages[kind].standard.call('/x', { method: 'POST', headers: json, body: polluting })
    ).json();
    const arrived = JSON.parse(Buffer.from(String(body), 'base64').toString()) as object;
    expect(Object.entries(arrived)).toEqual(expect.arrayContaining([['__proto__', { polluted: 1 }]]));
  });
});
