import { getServers } from 'node:dns';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../core/errors.ts';
import type { InstanceSource } from '../instance-source.ts';
import { parseServer, type DnsServer } from './dns-client.ts';
import { resolveHost, resolveService, type ResolvedWorkers } from './resolve.ts';

export type WorkersSource = Extract<InstanceSource, { kind: 'workers' }>;

/**
 * Reports the workers of an action, at once and after each change, until the signal is aborted. DNS is asked again when
 * its last answer is no longer valid (its TTL, at least a second). While no DNS server answers, the workers stay the
 * same.
 *
 * @param onWorkers called with the URLs of all workers
 * @param onProblem called with the reason why DNS does not answer
 */
export async function followWorkers(
  { workers, dnsServer }: WorkersSource,
  signal: AbortSignal,
  onWorkers: (urls: readonly string[]) => void,
  onProblem: (message: string) => void,
): Promise<void> {
  if (workers.kind === 'list') return onWorkers(workers.urls.map(({ href }) => href));
  const servers = dnsServer === undefined ? systemServers() : [dnsServer];
  while (!signal.aborted) {
    let ttl = 1;
    try {
      const resolved = await resolve(workers, servers, signal);
      if (signal.aborted) return;
      onWorkers(resolved.urls);
      ttl = Math.min(Math.max(1, resolved.ttl), longestTtl);
    } catch (error) {
      if (signal.aborted) return;
      onProblem(messageOf(error));
    }
    await sleep(ttl * 1000, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** A day in seconds. A timer cannot wait for the longest TTL of DNS, 68 years (RFC 2181, section 8). */
const longestTtl = 86_400;

function resolve(
  workers: Exclude<WorkersSource['workers'], { kind: 'list' }>,
  servers: readonly DnsServer[],
  signal: AbortSignal,
): Promise<ResolvedWorkers> {
  switch (workers.kind) {
    case 'service':
      return resolveService(workers.name, servers, signal);
    case 'host':
      return resolveHost(workers.name, workers.port, servers, signal);
  }
}

function systemServers(): readonly DnsServer[] {
  return getServers().flatMap((text) => parseServer(text) ?? []);
}
