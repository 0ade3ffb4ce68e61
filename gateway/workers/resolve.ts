import type { Answer } from 'dns-packet';
import { queryDns, type DnsReply, type DnsServer } from './dns-client.ts';

/** DNS's answer about a service: its workers, and their TTL in seconds. */
export interface ResolvedWorkers {
  readonly urls: readonly string[];
  readonly ttl: number;
}

/**
 * Every address of a name is a worker on this port. Docker and headless services of Kubernetes publish workers like
 * that.
 */
export async function resolveHost(
  name: string,
  port: number,
  servers: readonly DnsServer[],
  signal: AbortSignal,
): Promise<ResolvedWorkers> {
  const replies = await addressReplies(name, servers, signal);
  const records = replies.flatMap(({ answers }) => answers);
  return { urls: addressesIn(records).map((address) => workerUrl(address, port)), ttl: shortest(records) };
}

/**
 * Every address of every target of a service is a worker (RFC 2782), as Consul and Kubernetes publish them. Priorities
 * and weights are ignored: the worker with the fewest calls in progress gets the next call.
 */
export async function resolveService(
  name: string,
  servers: readonly DnsServer[],
  signal: AbortSignal,
): Promise<ResolvedWorkers> {
  const { answers, additionals } = await queryDns(name, 'SRV', servers, signal);
  const services = answers.flatMap((record) => (record.type === 'SRV' ? [record.data] : []));
  const found = await Promise.all(
    services.map(async ({ target, port }) => {
      const known = additionals.filter((record) => record.name.toLowerCase() === target.toLowerCase());
      const replies = addressesIn(known).length > 0 ? [] : await addressReplies(target, servers, signal);
      const records = [...known, ...replies.flatMap((reply) => reply.answers)];
      return { records, urls: addressesIn(records).map((address) => workerUrl(address, port)) };
    }),
  );
  const records = [...answers, ...found.flatMap((each) => each.records)];
  return { urls: [...new Set(found.flatMap(({ urls }) => urls))], ttl: shortest(records) };
}

function addressReplies(name: string, servers: readonly DnsServer[], signal: AbortSignal): Promise<DnsReply[]> {
  return Promise.all((['A', 'AAAA'] as const).map((type) => queryDns(name, type, servers, signal)));
}

function addressesIn(records: readonly Answer[]): string[] {
  return records.flatMap((record) => (record.type === 'A' || record.type === 'AAAA' ? [record.data] : []));
}

function workerUrl(address: string, port: number): string {
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** Without records there is no TTL. It is then a second. */
function shortest(records: readonly Answer[]): number {
  const times = records.flatMap((record) => ('ttl' in record && record.ttl !== undefined ? [record.ttl] : []));
  return times.length === 0 ? 1 : Math.min(...times);
}
