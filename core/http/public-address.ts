import ipaddr from 'ipaddr.js';

/**
 * Whether an IP address is on the public Internet, so that a URL from any caller may lead there.
 *
 * False for the ranges of IANA's special-purpose registries (private, loopback, link-local, unique local, shared,
 * multicast, broadcast, unspecified, reserved, documentation); for IPv4 in IPv6 (mapped, compatible, 6to4, Teredo);
 * for addresses with a zone; for metadata services; and for text that is not a canonical address. A NAT64 address
 * (RFC 6052, 64:ff9b::/96) is public if its IPv4 address is: networks with only IPv6 reach IPv4 hosts through it.
 */
export function isPublicAddress(address: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return isPublicIPv4(ipaddr.IPv4.parse(address));
  if (address.includes('%') || !ipaddr.IPv6.isValid(address)) return false;
  return isPublicIPv6(ipaddr.IPv6.parse(address));
}

/** Azure's host agent. The address is in a public range, but only Azure's virtual machines reach it. */
const azureHostAgent = '168.63.129.16';
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');
const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

function isPublicIPv4(address: ipaddr.IPv4): boolean {
  return address.range() === 'unicast' && address.toString() !== azureHostAgent;
}

function isPublicIPv6(address: ipaddr.IPv6): boolean {
  if (address.match(nat64)) return isPublicIPv4(new ipaddr.IPv4(address.toByteArray().slice(-4)));
  return address.match(globalUnicast) && address.range() === 'unicast';
}
