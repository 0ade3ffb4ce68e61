import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { execa, type Options } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const program = join(import.meta.dirname, '../../../build.ts');

let server: Server;
let url: string;
let folder: string;
/** The received bodies with their types. */
const received: { path: string; type: string; body: Buffer }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'call-'));
  for (const name of ['1.png', '2.png', '3.png']) await writeFile(join(folder, name), `the bytes of ${name}`);
  await writeFile(join(folder, 'text.json'), '{"text":"hello"}');
  server = createServer(async (request, response) => {
    const body = await buffer(request);
    const path = request.url ?? '';
    received.push({ path, type: request.headers['content-type'] ?? '', body });
    if (path === '/hangs') return;
    if (path === '/activates') response.setHeader('x-openwhisk-activation-id', 'a1');
    if (path.startsWith('/api/v1/')) {
      response.end('[{"activationId":"a1","annotations":[{"key":"initTime"}]}]');
      return;
    }
    const [, number = '0'] = /bytes of (\d)/.exec(body.toString()) ?? [];
    // The first takes the longest.
    await new Promise((resolve) => setTimeout(resolve, number === '1' ? 100 : 0));
    response.statusCode = path === '/fails' && number === '2' ? 500 : 200;
    response.setHeader('content-type', 'application/json').end(`{"number":${number}}`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

interface Run {
  readonly exitCode: number | undefined;
  readonly lines: readonly Record<string, unknown>[];
  readonly stderr: string;
}

async function call(words: readonly string[], options: Options = {}): Promise<Run> {
  const { exitCode, stdout, stderr } = await execa(program, ['call', ...words], {
    cwd: folder,
    reject: false,
    ...options,
    env: { HOME: folder },
  });
  const lines = String(stdout)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { exitCode, lines, stderr: String(stderr) };
}

describe('./build.ts call', () => {
  test('sends each file as a form and prints each reply, in order, and a summary', async () => {
    const { exitCode, lines, stderr } = await call([`${url}/form`, '1.png', '2.png', '3.png']);
    expect(lines.map(({ input, status, reply }) => [input, status, reply])).toEqual([
      ['1.png', 200, { number: 1 }],
      ['2.png', 200, { number: 2 }],
      ['3.png', 200, { number: 3 }],
    ]);
    expect(stderr).toMatch(/^3 calls in [\d.]+ s, [\d.]+ calls\/s, none failed\np50 [\d.]+ ms, p95 [\d.]+ ms, p99/);
    expect(exitCode).toBe(0);
    const forms = received.filter(({ path }) => path === '/form');
    expect(forms[0]?.type).toMatch(/^multipart\/form-data; boundary=/);
    expect(forms.map(({ body }) => body.toString()).join('')).toContain(
      'name="image"; filename="1.png"\r\nContent-Type: image/png',
    );
  });

  test('reads file names and URLs from standard input', async () => {
    const { lines } = await call([`${url}/stdin`, '--unordered', '--field', 'photo'], {
      input: '2.png\nhttps://example.com/a.jpg\ntext.json\n',
    });
    expect(lines).toHaveLength(3);
    const bodies = received.filter(({ path }) => path === '/stdin').map(({ body }) => body.toString());
    expect(bodies).toContain('{"photo_url":"https://example.com/a.jpg"}');
    expect(bodies).toContain('{"text":"hello"}');
  });

  test('continues after failed inputs, and ends with 1', async () => {
    const { exitCode, lines, stderr } = await call([`${url}/fails`, '1.png', 'missing.png', '2.png', '3.png']);
    expect(lines.map(({ input, status, error }) => [input, status ?? error])).toEqual([
      ['1.png', 200],
      ['missing.png', { code: 'ENOENT', message: expect.stringContaining('no such file') }],
      ['2.png', 500],
      ['3.png', 200],
    ]);
    expect(stderr).toMatch(/2 failed \(1 × ENOENT, 1 × 500\)|2 failed \(1 × 500, 1 × ENOENT\)/);
    expect(exitCode).toBe(1);
  });

  test('is a load generator: one file again and again, with the summary as JSON', async () => {
    const { lines } = await call([`${url}/load`, '3.png', '--repeat', '50', '--concurrency', '8', '--json', '--quiet']);
    expect(lines).toHaveLength(51);
    expect(lines.at(-1)).toMatchObject({ summary: { calls: 50, succeeded: 50, failed: 0, failures: {} } });
  });

  test.each([
    ['--repeat', 'missing.png', 'ENOENT'],
    ['--duration', 'missing.png', 'ENOENT'],
    ['--repeat', '.', 'it is a folder'],
  ])('a load with %s is not begun with an input that cannot be read: %s', async (flag, name, reason) => {
    const words = [`${url}/not-begun`, 'https://example.com/1.png', name, flag, flag === '--repeat' ? '9' : '20s'];
    const { exitCode, lines, stderr } = await call(words);
    expect([exitCode, lines]).toEqual([2, []]);
    expect(stderr).toBe(`error: file is "${name}"; expected a file that can be read (${reason})`);
    expect(received.filter(({ path }) => path === '/not-begun')).toEqual([]);
  });

  test('reports a server that closes each connection at once, and does not end without a word', async () => {
    // In a process of its own, so that the program has nothing else to wait for.
    const script =
      "require('net').createServer((c) => c.end()).listen(0, '127.0.0.1', function () { console.log(this.address().port) })";
    const closing = execa(process.execPath, ['-e', script], { reject: false });
    const [port] = (await once(closing.stdout, 'data')) as [Buffer];
    try {
      const { exitCode, lines, stderr } = await call([`http://127.0.0.1:${String(port).trim()}/`, '1.png', '2.png']);
      expect([exitCode, lines.length]).toEqual([1, 2]);
      expect(lines[1]).toMatchObject({
        input: '2.png',
        error: { code: expect.stringMatching(/SOCKET|ECONNRESET/) as string },
      });
      expect(stderr).toMatch(/^2 calls in .*, 2 failed/);
    } finally {
      closing.kill();
      await closing;
    }
  });

  test.each([
    ['of its own API host counts cold starts', () => url, /none failed, 1 cold start\n/, 1],
    ['of another API host is sent to nobody', () => 'https://openwhisk.example', /none failed\n/, 0],
    ['of a host without a scheme, which is https, is not sent by http', () => new URL(url).host, /none failed\n/, 0],
  ])('the AUTH of ~/.wskprops %s', async (_, apiHost, summary, asked) => {
    await writeFile(join(folder, '.wskprops'), `APIHOST=${apiHost()}\nAUTH=user:secret\n`);
    const before = received.length;
    const { stderr } = await call([`${url}/activates`, '1.png']);
    await rm(join(folder, '.wskprops'));
    expect(stderr).toMatch(summary);
    const records = received.slice(before).filter(({ path }) => path.startsWith('/api/v1/namespaces/_/activations'));
    expect(records).toHaveLength(asked);
  });

  test('ends with its summary when the reader of its results stops', async () => {
    const pipeline = `"$0" call ${url}/pipe 3.png --duration 60s | { read -r line; echo "$line"; }`;
    const { stdout, stderr, exitCode } = await execa('sh', ['-c', pipeline, program], { cwd: folder });
    expect([JSON.parse(stdout), exitCode]).toEqual([expect.objectContaining({ status: 200 }), 0]);
    expect(stderr).toMatch(/^\d+ calls in [\d.]+ s, /);
  });

  test('ends with its summary and 130 on Ctrl+C, even during calls', async () => {
    const running = execa(program, ['call', `${url}/hangs`, '1.png', '2.png'], { cwd: folder, reject: false });
    while (!received.some(({ path }) => path === '/hangs')) await new Promise((resolve) => setTimeout(resolve, 20));
    running.kill('SIGINT');
    const { exitCode, stderr } = await running;
    expect(stderr).toMatch(/calls in [\d.]+ s, .* failed \(\d × INTERRUPTED\)/);
    expect(exitCode).toBe(130);
  });

  test('says what to start if no storage answers', async () => {
    const AzureWebJobsStorage =
      'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;QueueEndpoint=http://127.0.0.1:1/a;';
    const { exitCode, stderr } = await execa(program, ['call', '--queue', 'images', 'https://example.com/1.png'], {
      env: { AzureWebJobsStorage },
      reject: false,
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error: the queue images cannot be opened: .*ECONNREFUSED.*\n {2}hint: start Azurite/);
  });

  test.each<[words: string[], message: string]>([
    [[], 'URL is not set; expected an http or https URL'],
    [['ftp://example.com', 'a.png'], 'URL is "ftp://example.com"; expected an http or https URL'],
    [['http://example.com', '--concurrency', '0'], '--concurrency is "0"; expected a whole number from 1 to 10000'],
    [['http://example.com', '--duration', '5'], '--duration is "5"; expected a number followed by ms, s, m or h'],
    [['http://example.com', '--timeout', '5'], '--timeout is "5"; expected a number followed by ms, s, m or h'],
    [['http://example.com', '--auth', 'me'], '--auth is "me"; expected USER:PASSWORD'],
    [['http://example.com', '--rate', '0'], '--rate is "0"; expected calls a second'],
    [['http://example.com', '--header', 'x'], '--header is "x"; expected NAME=VALUE'],
    [['--queue', 'images', 'https://example.com/1.png'], 'AzureWebJobsStorage is not set; expected the connection'],
  ])('refuses %j', async (words, message) => {
    const { exitCode, stderr } = await call(words);
    expect(stderr).toContain(`error: ${message}`);
    expect(exitCode).toBe(2);
  });
});
