import ipaddr from 'ipaddr.js';

/**
 * Whether an IP address belongs to the public Internet, and so may be fetched from on behalf of anybody.
 *
 * Refused: everything that IANA's special-purpose registries keep apart (private, loopback, link-local, unique local,
 * shared, multicast, broadcast, unspecified, reserved, documentation), IPv4 inside IPv6 by way of mapping,
 * compatibility, 6to4 and Teredo, addresses with a zone, metadata services, and whatever is no canonical address.
 * NAT64 (RFC 6052, 64:ff9b::/96) is as public as the IPv4 address it leads to: networks with only IPv6 reach every
 * IPv4 host through it.
 */
export function isPublicAddress(address: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return isPublicIPv4(ipaddr.IPv4.parse(address));
  if (address.includes('%') || !ipaddr.IPv6.isValid(address)) return false;
  return isPublicIPv6(ipaddr.IPv6.parse(address));
}

/** Azure's host agent, at a public address that only its own virtual machines reach. */
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
