import { describe, expect, test } from 'vitest';
import { parseQuery, renderQuery } from '../../gateway/http/query.ts';
import { parseTarget } from '../../gateway/http/target.ts';
import { decodeBase64, decodeText } from '../../gateway/java-text.ts';
import { parseJson } from '../../gateway/json/parse.ts';
import { printJson } from '../../gateway/json/print.ts';

// The expected values of the first three tables were printed by Java 17 (String, BigDecimal, Base64.getDecoder).
describe('text of bytes that are not UTF-8, as Java decodes them', () => {
  test.each([
    ['61c3a9f09f9880', 'aé😀'],
    ['ff61', '\ufffda'],
    ['eda080', '\ufffd'],
    ['edbd', '\ufffd'],
    ['edbfe29f', '\ufffd\ufffd'],
    ['e282', '\ufffd'],
    ['f09f98', '\ufffd'],
    ['c080', '\ufffd\ufffd'],
    ['e09f80', '\ufffd\ufffd\ufffd'],
    ['f4908080', '\ufffd\ufffd\ufffd\ufffd'],
    ['efbbbf61', '\ufeffa'],
  ])('%s is %j', (hex, text) => {
    expect(decodeText(Buffer.from(hex, 'hex'))).toBe(text);
  });
});

describe('numbers, as BigDecimal prints them', () => {
  test.each([
    ['1', '1'],
    ['-0', '0'],
    ['-0.0', '0.0'],
    ['1.50', '1.50'],
    ['100', '100'],
    ['1e3', '1E+3'],
    ['12e3', '1.2E+4'],
    ['1.2e3', '1.2E+3'],
    ['1.234e3', '1234'],
    ['1.2e-5', '0.000012'],
    ['0.0000001', '1E-7'],
    ['-9.87e-12', '-9.87E-12'],
    ['0e5', '0E+5'],
    ['12345678901234567890.123456789', '12345678901234567890.123456789'],
  ])('%s is %s', (text, printed) => {
    expect(printJson(parseJson(text))).toBe(printed);
  });
});

describe('base64, as java.util.Base64 decodes it', () => {
  test.each([
    ['', ''],
    ['QUI=', 'AB'],
    ['QUI', 'AB'],
    ['QQ==', 'A'],
    ['QR', 'A'],
    ['QQ=', undefined],
    ['Q', undefined],
    ['QUJD=', undefined],
    ['QUJD\n', undefined],
    ['_-==', undefined],
  ])('%j is %j', (text, decoded) => {
    expect(decodeBase64(text)?.toString()).toBe(decoded);
  });
});

describe('paths and queries, as pekko-http writes them again', () => {
  test.each([
    ['/a%20b', '/a%20b'],
    ['/a/./b/../c', '/a/c'],
    ['/a/%2e%2e/b/.', '/b/'],
    ['/%7euser/%41', '/~user/A'],
    ['/a%2fb%3F', '/a%2Fb%3F'],
    ['//x/', '//x/'],
    ["/!$&'()*+,;=:@", "/!$&'()*+,;=:@"],
    ['/%C3%A9%ff', '/%C3%A9%EF%BF%BD'],
  ])('path %s is %s', (raw, normalized) => {
    expect(parseTarget(raw, 8192).path).toBe(normalized);
  });

  test.each(['/%', '/%4', '/%zz', '/a b', '/{}', '/?a=|'])('target %s is malformed', (raw) => {
    expect(() => parseTarget(raw, 8192)).toThrow('Illegal request-target');
  });

  test.each([
    ['', ''],
    ['a', 'a'],
    ['a=&b', 'a=&b'],
    ['a=x y', 'a=x+y'],
    ['a=1+1%2B1', 'a=1+1%2B1'],
    ['a="<>"', 'a=%22%3C%3E%22'],
  ])('query %j is %j', (raw, rendered) => {
    expect(renderQuery(parseQuery(raw))).toBe(rendered);
  });
});
