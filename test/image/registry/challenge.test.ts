import { expect, test } from 'vitest';

import { parseChallenge } from '../../../image/registry/challenge.ts';

const hub = { scheme: 'bearer', realm: new URL('https://auth.docker.io/token'), service: 'registry.docker.io' };

test.each([
  ['Bearer realm="https://auth.docker.io/token",service="registry.docker.io"', hub],
  ['bearer service=registry.docker.io, realm="https://auth.docker.io/token"', hub],
  [
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push repository:c/d:pull",error="insufficient_scope"',
    hub,
  ],
  ['Basic realm="x", Bearer realm="https://auth.docker.io/token",service="registry.docker.io"', hub],
  ['Bearer realm="https://auth.docker.io/token",service="registry.docker.io", Basic realm="Registry Realm"', hub],
  [
    String.raw`Bearer realm="https://auth.docker.io/token",service="a \"quoted\" one"`,
    { ...hub, service: 'a "quoted" one' },
  ],
  [
    'Bearer realm="https://gitlab.com/jwt/auth"',
    { scheme: 'bearer', realm: new URL('https://gitlab.com/jwt/auth'), service: undefined },
  ],
  ['Basic realm="Registry Realm"', { scheme: 'basic' }],
  ['Basic', { scheme: 'basic' }],
  ['Negotiate, Basic realm=x', { scheme: 'basic' }],
  ['Bearer realm="not a url"', undefined],
  ['Digest realm="x"', undefined],
  ['', undefined],
])('%s', (header, expected) => {
  expect(parseChallenge(header)).toEqual(expected);
});
