import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode, type Packet } from 'dns-packet';
import { expect, test } from 'vitest';
import { queryDns } from '../../../gateway/workers/dns-client.ts';
import { followWorkers } from '../../../gateway/workers/follow.ts';

test('DNS is not asked again before its longest TTL, which is 68 years', async () => {
  /** The types of records that were asked for. */
  const asked: string[] = [];
  const server = createSocket('udp4').bind(0, '127.0.0.1');
  await once(server, 'listening');
  server.on('message', (message, { port, address }) => {
    const { id = 0, questions = [] } = decode(message) as Packet;
    const [question] = questions;
    if (question?.name === 'ocr.test') asked.push(question.type);
    const answers =
      question?.type === 'A' ? [{ type: 'A' as const, name: 'ocr.test', ttl: 2 ** 31 - 1, data: '127.0.0.1' }] : [];
    server.send(encode({ type: 'response', id, questions, answers }), port, address);
  });
  const dnsServer = { address: '127.0.0.1', port: server.address().port };
  const ended = new AbortController();
  const found: (readonly string[])[] = [];
  const following = followWorkers(
    {
      kind: 'workers',
      workers: { kind: 'host', name: 'ocr.test', port: 80 },
      dnsServer,
    },
    ended.signal,
    (urls) => found.push(urls),
    () => undefined,
  );
  try {
    await expect.poll(() => found.length).toBeGreaterThan(0);
    // Time enough for many more questions, if they came one after the other.
    const { signal } = new AbortController();
    for (let round = 0; round < 50; round += 1) await queryDns('other.test', 'AAAA', [dnsServer], signal);
    expect([found, asked]).toEqual([[['http://127.0.0.1:80']], ['A', 'AAAA']]);
  } finally {
    ended.abort();
    await following;
    server.close();
  }
});
