import { describe, expect, test } from 'vitest';
import { proxyFor } from '../../../image/registry/proxy.ts';

const both = { HTTPS_PROXY: 'http://secure.proxy:3128', HTTP_PROXY: 'plain.proxy:8080' };

test.each([
  ['https://quay.io/v2/', both, 'http://secure.proxy:3128/'],
  ['http://registry.local:5000/v2/', both, 'http://plain.proxy:8080/'],
  ['https://quay.io/v2/', { https_proxy: 'https://me:secret@proxy' }, 'https://me:secret@proxy/'],
  ['https://quay.io/v2/', { HTTPS_PROXY: '', https_proxy: 'http://lower' }, 'http://lower/'],
  ['https://quay.io/v2/', { HTTP_PROXY: 'http://plain' }, undefined],
  ['https://quay.io/v2/', {}, undefined],
])('%s with %j goes through %s', (url, environment, proxy) => {
  expect(proxyFor(new URL(url), environment)?.href).toBe(proxy);
});

test.each(['https://127.0.0.1:5000/', 'https://localhost:5000/', 'https://[::1]/', 'http://127.9.9.9/'])(
  'loopback is reached directly: %s',
  (url) => {
    expect(proxyFor(new URL(url), both)).toBeUndefined();
  },
);

describe('NO_PROXY', () => {
  test.each([
    ['quay.io', 'quay.io', true],
    ['quay.io', 'cdn.quay.io', true],
    ['quay.io', 'notquay.io', false],
    ['.quay.io', 'cdn.quay.io', true],
    ['.quay.io', 'quay.io', false],
    ['*.quay.io', 'cdn.quay.io', true],
    ['a.example, QUAY.io ,', 'quay.io', true],
    ['*', 'quay.io', true],
    ['quay.io:5000', 'quay.io:5000', true],
    ['quay.io:5000', 'quay.io', false],
    ['quay.io:443', 'quay.io', true],
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.1.2.3', false],
    ['10.0.0.0/8', 'quay.io', false],
    ['10.1.2.3', '10.1.2.3:5000', true],
    ['fd00::/8', '[fd00::1]', true],
    ['10.0.0.0/8', '[fd00::1]', false],
    ['[fd00::1]:5000', '[fd00::1]:5000', true],
    ['fd00::1', '[fd00::1]', true],
    ['', 'quay.io', false],
  ])('"%s" names %s: %s', (NO_PROXY, host, direct) => {
    expect(proxyFor(new URL(`https://${host}/v2/`), { ...both, NO_PROXY }) === undefined).toBe(direct);
  });
});

test.each(['socks5://me:secret@proxy:1080', 'http://me:secret@[', 'me:secret@'])(
  '%s is refused without being repeated',
  (HTTPS_PROXY) => {
    const choose = (): unknown => proxyFor(new URL('https://quay.io/'), { HTTPS_PROXY });
    expect(choose).toThrow('HTTPS_PROXY');
    expect(choose).not.toThrow('secret');
  },
);
