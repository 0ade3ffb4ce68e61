import { describe, expect, test } from 'vitest';
import { serverCommand, serverEnvironment } from '../../../../adapter/model/http/command.ts';
import { httpRow } from './rows.ts';

const noBase = { entrypoint: null, command: null, environment: {} };

describe('serverCommand', () => {
  test.each([
    ['entrypoint, then command', ['tini', '--'], ['python', 'app.py'], undefined, ['tini', '--', 'python', 'app.py']],
    ['a command alone', null, ['/bin/sh', '-c', 'python app.py'], undefined, ['/bin/sh', '-c', 'python app.py']],
    ['an entrypoint alone', ['serve'], null, undefined, ['serve']],
    ["the row's command in place of the base's", ['serve'], ['--port=1'], ['--port=2'], ['serve', '--port=2']],
    ["an empty command of the row drops the base's", ['serve'], ['--port=1'], [], ['serve']],
  ])('is %s', (_, entrypoint, command, rowCommand, expected) => {
    const row = httpRow(rowCommand === undefined ? {} : { command: rowCommand });
    expect(serverCommand(row, { ...noBase, entrypoint, command })).toEqual(expected);
  });

  test('an image without any command is refused, with what to do', () => {
    expect(() => serverCommand(httpRow({}), noBase)).toThrow(
      expect.objectContaining({ code: 'MODEL_START', hint: expect.stringContaining('"command"') as string }),
    );
  });
});

describe('serverEnvironment', () => {
  test("PORT becomes the model server's port, if a platform sets it to the adapter's", () => {
    expect(serverEnvironment(httpRow({ port: 80 }), noBase, { PORT: '8080' }, {})).toEqual({ PORT: '80' });
    expect(serverEnvironment(httpRow({ port: 80 }), noBase, {}, {})).toEqual({});
  });

  test("the row's variables win over the image's, and those of /init over both", () => {
    const row = httpRow({ environment: { A: 'row', B: 'row' } });
    expect(serverEnvironment(row, noBase, { A: 'image', B: 'image', C: 'image' }, { B: 'init' })).toEqual({
      A: 'row',
      B: 'init',
      C: 'image',
    });
  });

  test('tini, which is not process 1, still reaps orphans', () => {
    const base = { ...noBase, entrypoint: ['/usr/bin/tini', '--'] };
    expect(serverEnvironment(httpRow({}), base, {}, {})).toEqual({ TINI_SUBREAPER: '' });
  });
});
