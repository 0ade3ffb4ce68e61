import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAction } from '../../../gateway/action.ts';
import type { Workers } from '../../../gateway/instance-source.ts';
import { createGateway, type Gateway } from '../../../gateway/server.ts';
import { resolveHost } from '../../../gateway/workers/resolve.ts';
import { type DnsServer, startDnsmasq } from '../../support/dnsmasq.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { lacks } from '../../support/requirements.ts';
import { type ActionContainer, startActionContainer } from '../support/action-container.ts';

/** Seconds that DNS says its records hold. */
const ttl = 1;

/** A kind of address that DNS is asked for, and dnsmasq's words for the workers that it has. */
const kinds: readonly [
  title: string,
  followed: (port: number) => Workers,
  words: (all: number[], port: number) => string[],
][] = [
  [
    'dns+http: every address of a name',
    (port) => ({ kind: 'host', name: 'ocr.test', port }),
    (all) => all.map((number) => `--host-record=ocr.test,${addressOf(number)}`),
  ],
  [
    'dns+srv: every target of a service',
    () => ({ kind: 'service', name: '_ocr._tcp.test' }),
    (all, port) =>
      all.flatMap((number) => [
        `--srv-host=_ocr._tcp.test,worker-with-a-long-name-${number}.test,${port}`,
        `--host-record=worker-with-a-long-name-${number}.test,${addressOf(number)}`,
      ]),
  ],
];

describe.skipIf(lacks('dnsmasq'))('workers as DNS has them', () => {
  let dns: DnsServer;
  let gateway: Gateway;
  let url: string;
  let workers: Map<number, ActionContainer>;
  let port: number;

  beforeEach(async () => {
    port = await freePort();
    workers = new Map();
    dns = await startDnsmasq(ttl);
  });

  afterEach(async () => {
    await gateway.close();
    await Promise.all([...workers.values()].map((worker) => worker.close()));
    await dns.stop();
  });

  async function startGateway(followed: Workers, timeout = 20_000): Promise<void> {
    const source = { kind: 'workers', workers: followed, dnsServer: { address: '127.0.0.1', port: dns.port } } as const;
    gateway = createGateway({ actions: [createAction({ name: 'ocr', source, limits: { timeout } })] });
    url = `${await gateway.listen(0, '127.0.0.1')}/api/v1/web/guest/default/ocr`;
    gateway.prewarm();
  }

  async function startWorkers(...numbers: readonly number[]): Promise<void> {
    for (const number of numbers) {
      const worker = await startActionContainer(port, addressOf(number));
      worker.answer = () => ({ body: { worker: number } });
      workers.set(number, worker);
    }
  }

  /** At once, with all calls that are on their way to them. */
  async function endWorkers(...numbers: readonly number[]): Promise<void> {
    for (const number of numbers) {
      await workers.get(number)?.close();
      workers.delete(number);
    }
  }

  test.each(kinds)('%s: ten come and go under load, and no call is lost', async (_title, followed, words) => {
    const publish = async (...all: number[]): Promise<void> => dns.serve(words(all, port));
    await startWorkers(1, 2, 3);
    await publish(1, 2, 3);
    await startGateway(followed(port));
    const load = startLoad(url, 12);
    await load.reaches(1, 2, 3);

    await startWorkers(4, 5, 6, 7, 8, 9, 10);
    await publish(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    const joined = performance.now();
    await load.reaches(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    console.log(`seven joined, and all had calls ${Math.round(performance.now() - joined)} ms later; TTL: ${ttl} s`);

    // Two leave and end before the TTL is over; one ends that DNS still names.
    await publish(1, 4, 5, 6, 7, 8, 9, 10);
    await endWorkers(2, 3, 10);
    await load.reaches(1, 4, 5, 6, 7, 8, 9);

    // Without DNS the workers stay the same.
    await dns.stop();
    await sleep(2 * ttl * 1000);
    await load.reaches(1, 4, 5, 6, 7, 8, 9);

    // All but one are removed, and a removed one is added again.
    await startWorkers(2);
    await publish(1, 2);
    await load.reachesNobodyBut(1, 2);
    await endWorkers(4, 5, 6, 7, 8, 9);
    await load.reaches(1, 2);

    const statuses = await load.stop();
    expect([...statuses.keys()]).toEqual([200]);
    expect(statuses.get(200)).toBeGreaterThan(100);
  });

  test('a call waits for the first worker to come', async () => {
    await dns.serve([]);
    await startGateway({ kind: 'host', name: 'ocr.test', port });
    const waiting = fetch(url);
    await startWorkers(1);
    await dns.serve([`--host-record=ocr.test,${addressOf(1)}`]);
    expect((await waiting).status).toBe(200);
  });

  test('if no worker is added within the time limit of the action, it fails', async () => {
    await dns.serve([]);
    await startGateway({ kind: 'host', name: 'ocr.test', port }, 500);
    expect((await fetch(url)).status).toBe(400);
  });
});

describe.skipIf(lacks('dnsmasq'))('an answer that does not fit into a packet', () => {
  test('is read over TCP', async () => {
    const dns = await startDnsmasq(ttl);
    const numbers = Array.from({ length: 200 }, (_none, index) => index + 1);
    await dns.serve(numbers.map((number) => `--host-record=ocr.test,${addressOf(number)}`));
    const server = { address: '127.0.0.1', port: dns.port };
    const { urls, ttl: seconds } = await resolveHost('ocr.test', 8080, [server], AbortSignal.timeout(10_000));
    expect(new Set(urls)).toEqual(new Set(numbers.map((number) => `http://${addressOf(number)}:8080`)));
    expect(seconds).toBe(ttl);
    await dns.stop();
  });
});

function addressOf(number: number): string {
  return `127.0.1.${number}`;
}

interface Load {
  /** Waits until each of these has answered a call from now on. */
  reaches(...numbers: number[]): Promise<void>;
  /** Waits until these alone have answered for a while. */
  reachesNobodyBut(...numbers: number[]): Promise<void>;
  /** How many calls ended with each status. */
  stop(): Promise<ReadonlyMap<number, number>>;
}

/** Calls without a pause. */
function startLoad(url: string, concurrency: number): Load {
  const ended = new AbortController();
  const statuses = new Map<number, number>();
  const answers: { readonly at: number; readonly worker: number }[] = [];
  const callers = Array.from({ length: concurrency }, async () => {
    while (!ended.signal.aborted) {
      const response = await fetch(url);
      const { worker = 0 } = (await response.json()) as { worker?: number };
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      answers.push({ at: performance.now(), worker });
    }
  });
  const seenSince = (time: number): readonly number[] => {
    const numbers = answers.filter(({ at }) => at > time).map(({ worker }) => worker);
    return [...new Set(numbers)].toSorted((one, other) => one - other);
  };
  return {
    reaches: async (...numbers) => {
      const begin = performance.now();
      const hasAll = (seen: readonly number[]): boolean => numbers.every((number) => seen.includes(number));
      await eventually(`${numbers.join(', ')} have calls`, () => seenSince(begin), hasAll);
    },
    reachesNobodyBut: async (...numbers) => {
      const isSame = (seen: readonly number[]): boolean => seen.join() === numbers.join();
      await eventually(`nobody but ${numbers.join(', ')} has calls`, () => seenSince(performance.now() - 300), isSame);
    },
    stop: async () => {
      ended.abort();
      await Promise.all(callers);
      return statuses;
    },
  };
}
