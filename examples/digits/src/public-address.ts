import ipaddr from 'ipaddr.js';

/**
 * Whether an address belongs to the public Internet: no private, local or special one (IANA's special-purpose
 * registries), none by which another is reached (mapped, 6to4, Teredo), and not Azure's host agent, which lies at a public
 * address. NAT64 (RFC 6052) is as public as the IPv4 address behind it.
 *
 * @param address as DNS gives it
 */
export function isPublicAddress(address: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) {
    return isPublicV4(ipaddr.IPv4.parse(address));
  }
  if (address.includes('%') || !ipaddr.IPv6.isValid(address)) {
    return false;
  }
  const parsed = ipaddr.IPv6.parse(address);
  return parsed.match(nat64)
    ? isPublicV4(new ipaddr.IPv4(parsed.toByteArray().slice(-4)))
    : parsed.match(globalUnicast) && parsed.range() === 'unicast';
}

const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

function isPublicV4(address: ipaddr.IPv4): boolean {
  return address.range() === 'unicast' && address.toString() !== '168.63.129.16';
}
