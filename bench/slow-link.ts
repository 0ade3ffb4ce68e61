import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { execa } from 'execa';

/** A separate network namespace, behind a link of limited speed. */
export interface SlowLink {
  /** Makes a server on loopback ("127.0.0.1:PORT") reachable from there. Returns its address there. */
  readonly reach: (host: string) => Promise<string>;
  /** Words before a command that is to run there. */
  readonly enter: readonly string[];
  readonly close: () => Promise<void>;
}

/**
 * Makes a link with `tc`, whose token bucket filter limits both directions. Needs root and Debian's iproute2.
 *
 * @param megabits for each second, in each direction
 */
export async function openSlowLink(megabits: number): Promise<SlowLink> {
  const space = `modelwhisk-${process.pid}`;
  const [outside, inside] = [`mw${process.pid}o`, `mw${process.pid}i`];
  const limit = ['root', 'tbf', 'rate', `${megabits}mbit`, 'burst', '64kb', 'latency', '50ms'];
  await execa('ip', ['netns', 'add', space]);
  const servers: ReturnType<typeof createServer>[] = [];
  const close = async (): Promise<void> => {
    for (const server of servers) server.close();
    // This also removes both ends of the link.
    await execa('ip', ['netns', 'delete', space]);
  };
  try {
    await execa('ip', ['link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, 'netns', space]);
    await execa('ip', ['address', 'add', `${gateway}/30`, 'dev', outside]);
    await execa('ip', ['link', 'set', outside, 'up']);
    await execa('ip', ['-netns', space, 'address', 'add', `${address}/30`, 'dev', inside]);
    await execa('ip', ['-netns', space, 'link', 'set', inside, 'up']);
    await execa('tc', ['qdisc', 'add', 'dev', outside, ...limit]);
    await execa('tc', ['-netns', space, 'qdisc', 'add', 'dev', inside, ...limit]);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    enter: ['ip', 'netns', 'exec', space],
    async reach(host) {
      const [hostname = '', port = ''] = host.split(':');
      const server = createServer((socket) => {
        const forward = connect(Number(port), hostname);
        socket.on('error', () => forward.destroy());
        forward.on('error', () => socket.destroy());
        socket.pipe(forward).pipe(socket);
      });
      servers.push(server);
      server.listen(0, gateway);
      await once(server, 'listening');
      return `${gateway}:${(server.address() as AddressInfo).port}`;
    },
    close,
  };
}

/** Addresses from the block for benchmarks (RFC 2544). */
const [gateway, address] = ['198.18.77.1', '198.18.77.2'];
