import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';

import { isPublicAddress } from '../../core/http/public-address.ts';

/**
 * Which addresses a server may send us to, by a redirect, an upload location or the address of its token server:
 * public ones only, those of a private network too, those of this machine too, or any.
 */
export type Reach = (typeof reaches)[number];

const reaches = ['public', 'private', 'loopback', 'anywhere'] as const;

/**
 * What a server at this address may send us to. A server on the Internet may not send us into the user's own network.
 *
 * @param address undefined if a proxy made the connection, as it is unknown then
 */
export function reachOf(address: string | undefined): Reach {
  const range = address === undefined || isIP(address) === 0 ? undefined : ipaddr.process(address).range();
  if (range === 'loopback') return 'loopback';
  return range !== undefined && privateRanges.has(range) ? 'private' : 'public';
}

/** The narrower of the two. */
export function narrower(one: Reach, other: Reach): Reach {
  return reaches.indexOf(one) < reaches.indexOf(other) ? one : other;
}

/** Whether an address, without brackets, is within a reach. Metadata services are only within 'anywhere'. */
export function isWithin(reach: Reach, address: string): boolean {
  if (reach === 'anywhere' || isPublicAddress(address)) return true;
  if (reach === 'public' || address.includes('%')) return false;
  const parsed = ipaddr.process(address);
  if (metadataAddresses.has(parsed.toString())) return false;
  return privateRanges.has(parsed.range()) || (reach === 'loopback' && parsed.range() === 'loopback');
}

/**
 * Whether a host name always means this machine or a cloud's metadata service. It is for names that a proxy resolves;
 * for other names, their addresses are checked.
 */
export function isInnerName(hostname: string): boolean {
  return /(^|\.)localhost\.?$/i.test(hostname) || /^metadata(\.google\.internal|\.goog)?\.?$/i.test(hostname);
}

const privateRanges = new Set<string>(['private', 'uniqueLocal', 'carrierGradeNat']);

/** Those of AWS and of Alibaba Cloud that are in ranges which private networks use. */
const metadataAddresses = new Set(['fd00:ec2::254', '100.100.100.200']);
