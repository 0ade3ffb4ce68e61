import { Connection } from './client.ts';

/** The times of one block of calls. */
export interface Block {
  /** Milliseconds of each call. */
  readonly times: readonly number[];
  readonly perSecond: number;
}

/** Makes `calls` calls over these connections. Each connection sends its next request after its reply. */
export async function callAll(connections: readonly Connection[], request: Buffer, calls: number): Promise<Block> {
  const times: number[] = [];
  let left = calls;
  const began = performance.now();
  await Promise.all(
    connections.map(async (connection) => {
      while (left > 0) {
        left -= 1;
        const sent = performance.now();
        const reply = await connection.exchange(request);
        times.push(performance.now() - sent);
        if (reply.status !== 200) throw new Error(`status ${reply.status}: ${reply.body.toString().slice(0, 200)}`);
      }
    }),
  );
  return { times, perSecond: (calls * 1000) / (performance.now() - began) };
}

/** Makes connections. The caller must close them. */
export function openConnections(port: number, count: number): readonly Connection[] {
  return Array.from({ length: count }, () => new Connection(port));
}
