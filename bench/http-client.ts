/**
 * Which HTTP client should carry calls to the model server? Times 50 KB POSTs over loopback through node:http,
 * undici and a bare socket client, round robin in one run, and prints medians and their ratio to the bare socket.
 *
 *   npx tsx bench/http-client.ts [rounds]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { Pool } from 'undici';
import { collectBody } from '../adapter/http/body.ts';
import { createClient } from '../adapter/model/http/client.ts';
import { Connection, requestBytes } from './client.ts';
import { quantile } from './statistics.ts';

type Call = (body: Buffer) => Promise<number>;

const rounds = Number(process.argv[2] ?? 3000);
const body = Buffer.alloc(50 * 1024, 'x');

const servers = {
  'keep-alive (HTTP/1.1)': `require('http').createServer((q, s) => { const parts = []; q.on('data', (p) => parts.push(p));
    q.on('end', () => s.end(Buffer.concat(parts))) })`,
  'close each (HTTP/1.0)': `require('net').createServer({ allowHalfOpen: true }, (c) => { const parts = []; let size = 0;
    c.on('error', () => {}); c.on('data', (p) => { parts.push(p); size += p.length; if (size < ${body.length} + 40) return;
      const all = Buffer.concat(parts); const at = all.indexOf('\\r\\n\\r\\n') + 4; if (all.length - at < ${body.length}) return;
      c.write('HTTP/1.0 200 OK\\r\\ncontent-length: ${body.length}\\r\\n\\r\\n'); c.end(all.subarray(at)); }) })`,
};

const { signal } = new AbortController();

for (const [name, source] of Object.entries(servers)) {
  const child = spawn(
    process.execPath,
    ['-e', `${source}.listen(0, '127.0.0.1', function () { console.log(this.address().port) })`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  const pool = new Pool(`http://127.0.0.1:${port}`);
  const client = createClient({ host: '127.0.0.1', port, maximumBody: 1 << 25 });
  await report(name, {
    'bare socket': bareSocket(port),
    'node:http': nodeHttp(port),
    'undici request': async (bytes) => {
      const reply = await pool.request({ method: 'POST', path: '/', body: bytes });
      return (await reply.body.arrayBuffer()).byteLength;
    },
    'adapter/model/http/client.ts': async (bytes) => {
      const request = { method: 'POST', path: '/', query: '', headers: [], body: bytes, signal, deadline: 0 };
      return (await collectBody((await client.call(request)).body))?.length ?? 0;
    },
  });
  await pool.close();
  client.close();
  child.kill();
}

async function report(server: string, calls: Record<string, Call>): Promise<void> {
  const times = new Map(Object.keys(calls).map((name) => [name, [] as number[]]));
  const order = Object.entries(calls);
  for (let round = -200; round < rounds; round += 1) {
    // Later calls pay for the garbage of earlier ones, so the order rotates.
    order.push(...order.splice(0, 1));
    for (const [name, call] of order) {
      const started = process.hrtime.bigint();
      const received = await call(body);
      if (received !== body.length) throw new Error(`${name} returned ${received} bytes`);
      if (round >= 0) times.get(name)?.push(Number(process.hrtime.bigint() - started) / 1000);
    }
  }
  const base = quantile(times.get('bare socket') ?? [], 0.5);
  console.log(`\n${server}, Node ${process.version}, ${rounds} rounds of ${body.length} bytes`);
  for (const [name, values] of times) {
    const p50 = quantile(values, 0.5);
    const p99 = quantile(values, 0.99);
    console.log(
      `${name.padEnd(30)} p50 ${p50.toFixed(0).padStart(5)} µs  p99 ${p99.toFixed(0).padStart(6)} µs  ` +
        `${(p50 / base).toFixed(2)} × bare  +${(p50 - base).toFixed(0)} µs`,
    );
  }
}

/** A minimal client, as the reference for calling the server directly. */
function bareSocket(port: number): Call {
  const connection = new Connection(port);
  return async (bytes) => (await connection.exchange(requestBytes('POST', '/', {}, bytes))).body.length;
}

function nodeHttp(port: number): Call {
  const agent = new http.Agent({ keepAlive: true });
  return (bytes) =>
    new Promise((resolve, reject) => {
      const headers = ['host', 'x', 'content-length', String(bytes.length)];
      const request = http.request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/', headers }, (reply) => {
        const parts: Buffer[] = [];
        reply.on('data', (part: Buffer) => parts.push(part));
        reply.on('end', () => resolve(Buffer.concat(parts).length));
      });
      request.on('error', reject);
      request.end(bytes);
    });
}
