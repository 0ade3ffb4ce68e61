import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import type { ClientRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { memoryGrowth } from '../support/process-memory.ts';
import type { TestModel } from './platform-models.ts';
import { nodeStreams, pythonStreams } from './stream-models.ts';
import { sendParts, type StreamClient, type StreamPlatform } from './stream-client.ts';

/** The contract of every platform that streams: bytes and ends are passed on immediately, in both directions. */
export function testStreams(platforms: readonly StreamPlatform[], models: readonly TestModel[]): void {
  for (const platform of platforms) {
    for (const model of models) {
      describe(`${platform.name} in front of ${model.name}`, () => {
        testStream(platform, model);
      });
    }
  }
}

function testStream(platform: StreamPlatform, model: TestModel): void {
  let client: StreamClient;
  let folder: string;
  let files = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modelwhisk-streams-'));
    const { row, environment } = await model.create();
    client = await platform.start(row, environment);
    // Warm up: the first call of a process is slower.
    await (
      await client.open('/events?count=1')
    ).ended;
  });
  afterAll(async () => {
    await client.close();
    await rm(folder, { recursive: true });
  });
  const newFile = (): string => join(folder, String((files += 1)));

  test('a chunk reaches the caller when the model writes it, and as it was written', async () => {
    const reply = await client.open('/events?count=10');
    expect([reply.status, await reply.ended]).toEqual([200, 'whole']);
    expect(reply.chunks.map(({ text }) => text.replace(/\d+/, 'TIME'))).toEqual(Array(10).fill('data: TIME\n\n'));
    const delays = reply.chunks.map(({ text, at }) => at - Number(text.slice('data: '.length)));
    // The median tolerates a busy machine. A collected reply would come 540 ms after its first chunk.
    expect(delays.toSorted((a, b) => a - b)[5]).toBeLessThan(50);
  });

  test('a reader that stalls stalls the model, and gets every byte in the end', async () => {
    const file = newFile();
    const reply = await client.open(`/pour?megabytes=64&file=${file}`);
    reply.body.pause();
    const written = await settled(file);
    expect(written).toBeLessThan(40);
    reply.body.resume();
    expect([await reply.ended, reply.bytes]).toEqual(['whole', 64 * 1024 * 1024]);
  });

  test('a reply of 192 MB leaves the memory of the adapter flat', async () => {
    const grown = await memoryGrowth(client.adapter.pid, async () => {
      const reply = await client.open('/pour?megabytes=192');
      expect([await reply.ended, reply.bytes]).toEqual(['whole', 192 << 20]);
    });
    expect(grown).toBeLessThan(flat);
  });

  test('a caller that disconnects ends the call of the model', async () => {
    const file = newFile();
    const reply = await client.open(`/endless?file=${file}`);
    await eventually('an event arrives', () => reply.chunks.length, Boolean);
    reply.leave();
    expect(await eventually('the model sees the end of its call', () => sizeOf(file), Boolean)).toBeGreaterThan(0);
  });

  const timeLimits = platform.limitsEachCall ? [700] : [];
  test.for(timeLimits)('a time limit of %i ms also holds for a stream: it ends as broken', async (timeLimit) => {
    const reply = await client.open(`/endless?file=${newFile()}`, { timeLimit });
    expect(await reply.ended).toBe('broken');
  });

  test('a model that crashes during its reply causes a broken reply, which is logged', async () => {
    const reply = await client.open('/die');
    expect([reply.status, await reply.ended]).toEqual([200, 'broken']);
    expect(reply.text).toBe('data: 1\n\ndata: 2\n\n');
    await eventually(
      'the log tells',
      () => client.adapter.output().stdout,
      (log) => /"path":"\/die".*MODEL_CRASHED/.test(log),
    );
    // The server was restarted, or kept running.
    expect(await (await client.open('/events?count=1')).ended).toBe('whole');
  });

  // An app in the adapter's process cannot be killed alone. On Lambda, bodies arrive whole.
  const killed = platform.sendsBodies && model === nodeStreams ? killings : [];
  test.for(killed)(
    'a model that is killed while the body of a call arrives, after $after ms: $status',
    async (each) => {
      const { after, status, text } = each;
      const file = newFile();
      const opened = client.open(`/kill-once?file=${file}`, {
        method: 'POST',
        headers: { 'content-length': '12', 'content-type': 'text/plain' },
        send: (outgoing) => {
          outgoing.flushHeaders();
          setTimeout(() => outgoing.write('first,'), after);
          // The server is gone when the rest comes.
          void eventually('the model is killed', () => sizeOf(file), Boolean).then(() => outgoing.end('second'));
        },
      });
      const reply = await opened;
      await reply.ended;
      expect([reply.status, reply.text]).toEqual([status, expect.stringContaining(text)]);
    },
  );

  // Lambda uses its own trailers for failures, and HTTP/1.0 has no trailers.
  const trailers = platform.streamsRequests && model !== pythonStreams ? ['abc'] : [];
  test.for(trailers)('the trailers of a reply pass: x-checksum %s', async (checksum) => {
    const reply = await client.open('/trailers', { headers: { te: 'trailers' } });
    expect([await reply.ended, reply.text, reply.trailers()['x-checksum']]).toEqual(['whole', 'body', checksum]);
  });

  // Azure takes no more than 100 MB.
  test.for(platform.streamsRequests ? [96] : [])(
    'a request of %i MB leaves the memory of the adapter flat',
    async (megabytes) => {
      const part = Buffer.alloc(1 << 20, 'u');
      const grown = await memoryGrowth(client.adapter.pid, async () => {
        const headers = { 'content-length': String(megabytes << 20) };
        const send = (outgoing: ClientRequest): void => sendParts(outgoing, part, megabytes);
        const reply = await client.open('/sink', { method: 'POST', headers, send });
        expect([await reply.ended, reply.text]).toEqual(['whole', `{"bytes":${megabytes << 20}}`]);
      });
      expect(grown).toBeLessThan(flat);
    },
  );

  test.for(platform.streamsRequests ? [64] : [])(
    'a model that reads late stalls its caller, and gets all of %i MB',
    async (megabytes) => {
      const file = newFile();
      const part = Buffer.alloc(1 << 20, 'u');
      let sent = 0;
      const opened = client.open(`/late-sink?file=${file}`, {
        method: 'POST',
        headers: { 'content-length': String(megabytes * part.length) },
        send: (outgoing) => sendParts(outgoing, part, megabytes, (count) => (sent = count)),
      });
      let before = -1;
      while (sent !== before) {
        before = sent;
        await sleep(500);
      }
      expect(sent).toBeLessThan(40);
      await writeFile(file, 'go');
      const reply = await opened;
      expect([await reply.ended, reply.text]).toEqual(['whole', `{"bytes":${megabytes * part.length}}`]);
    },
  );
}

/** MiB that garbage may take between two collections. */
const flat = 80;

/** A call is repeated only if it was sent in the same moment. */
const killings = [
  { after: 0, status: 200, text: 'first,second' },
  { after: 600, status: 502, text: 'MODEL_CRASHED' },
];

/** Megabytes that the model wrote until it stopped or finished. */
async function settled(file: string): Promise<number> {
  let before = -1;
  let size = await eventually('the model writes', () => sizeOf(file), Boolean);
  while (size !== before) {
    before = size;
    await sleep(500);
    size = await sizeOf(file);
  }
  return size;
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
