import { describe, expect, test } from 'vitest';
import { isPublicAddress as ofAdapter } from '../../../core/http/public-address.ts';
import { isPublicAddress as ofDigits } from '../../../examples/digits/src/public-address.ts';

describe('a public address may be fetched from, by the adapter and by the digits example', () => {
  test.each([
    ['1.1.1.1'],
    ['93.184.215.14'],
    ['172.15.255.255'],
    ['172.32.0.0'],
    ['100.63.255.255'],
    ['100.128.0.0'],
    ['223.255.255.255'],
    ['2606:4700:4700::1111'],
    ['2a00:1450:4001:81b::200e'],
    ['64:ff9b::101:101'],
  ])('%s', (address) => {
    expect([ofAdapter(address), ofDigits(address)]).toEqual([true, true]);
  });
});

describe('any other address may not', () => {
  test.each([
    ['unspecified', '0.0.0.0'],
    ['"this" network', '0.1.2.3'],
    ['loopback', '127.0.0.1'],
    ['loopback, last', '127.255.255.255'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['shared (CGNAT)', '100.64.0.1'],
    ['metadata of Alibaba Cloud, in CGNAT', '100.100.100.200'],
    ['link-local', '169.254.0.23'],
    ['metadata of AWS, Azure, Google Cloud', '169.254.169.254'],
    ["Azure's host agent", '168.63.129.16'],
    ['metadata of Oracle Cloud, in IETF assignments', '192.0.0.192'],
    ['documentation', '192.0.2.1'],
    ['documentation', '198.51.100.1'],
    ['documentation', '203.0.113.1'],
    ['benchmarking', '198.18.0.1'],
    ['6to4 relay', '192.88.99.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['loopback, in full', '0:0:0:0:0:0:0:1'],
    ['link-local', 'fe80::1'],
    ['site-local', 'fec0::1'],
    ['unique local', 'fc00::1'],
    ['metadata of AWS', 'fd00:ec2::254'],
    ['metadata of Google Cloud', 'fd20:ce::254'],
    ['multicast', 'ff02::1'],
    ['documentation', '2001:db8::1'],
    ['documentation', '3fff::1'],
    ['discard', '100::1'],
    ['not assigned', '4000::1'],
    ['IPv4-mapped loopback', '::ffff:127.0.0.1'],
    ['IPv4-mapped loopback in hexadecimal', '::ffff:7f00:1'],
    ['IPv4-mapped metadata', '::ffff:169.254.169.254'],
    ['IPv4-compatible loopback', '::127.0.0.1'],
    ['IPv4-compatible, public behind it', '::101:101'],
    ['IPv4-mapped, public behind it', '::ffff:101:101'],
    ['6to4, public behind it', '2002:101:101::1'],
    ["NAT64 of Azure's host agent", '64:ff9b::a83f:8110'],
    ['not assigned', '8000::1'],
    ['ORCHID', '2001:20::1'],
    ['IPv4-translated loopback', '::ffff:0:127.0.0.1'],
    ['6to4 of loopback', '2002:7f00:1::'],
    ['Teredo', '2001::7f00:1'],
    ['NAT64 of loopback', '64:ff9b::127.0.0.1'],
    ['NAT64 of private', '64:ff9b::a00:1'],
    ['NAT64 of metadata', '64:ff9b::a9fe:a9fe'],
    ['NAT64 for local use', '64:ff9b:1::101:101'],
    ['with a zone', 'fe80::1%eth0'],
    ['with a zone', '2606:4700:4700::1111%1'],
    ['decimal', '2130706433'],
    ['octal', '0177.0.0.1'],
    ['hexadecimal', '0x7f.1'],
    ['short', '127.1'],
    ['a name', 'localhost'],
    ['empty', ''],
  ])('%s: %s', (_, address) => {
    expect([ofAdapter(address), ofDigits(address)]).toEqual([false, false]);
  });
});
