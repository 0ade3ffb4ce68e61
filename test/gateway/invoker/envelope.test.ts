import { expect, test } from 'vitest';
import { createAction } from '../../../gateway/action.ts';
import { initEnvelope, isBinaryCode } from '../../../gateway/invoker/envelope.ts';

function initOf(exec: { code?: string; main?: string }): unknown {
  const source = { kind: 'image', image: 'me/iris', environment: {}, readOnly: false, ...exec } as const;
  const action = createAction({ name: 'iris', source });
  const request = { activationId: 'id', transaction: 'tid', namespace: 'guest', action, parameters: {} };
  return initEnvelope(request, 'uuid:key')['value'];
}

test('an image without code gets none at /init', () => {
  expect(initOf({})).toMatchObject({ name: 'iris', main: 'main', binary: false });
  expect(initOf({})).not.toHaveProperty('code');
});

test('an image with code gets it at /init, with the name of its function', () => {
  expect(initOf({ code: 'function go() {}', main: 'go' })).toMatchObject({
    main: 'go',
    binary: false,
    code: 'function go() {}',
  });
  expect(initOf({ code: 'UEsDBAo=' })).toMatchObject({ binary: true });
});

test.each([
  ['UEsDBAo=', true],
  [' UEsDBAo= \n', true],
  ['abcd', true],
  ['abc', false],
  ['function go() {}', false],
  ['', false],
])('code %j is binary: %s', (code, isBinary) => {
  expect(isBinaryCode(code)).toBe(isBinary);
});
