import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCli, type CliResult } from '../support/build-cli.ts';

/** Without a docker command: whatever needs an engine fails. */
const environment = { PATH: '/nonexistent' };
const image = 'start --action x=me/iris:2';

let folder: string;
let server: Server;
let port: number;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelwhisk-checks-'));
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

async function run(line: string, more: Readonly<Record<string, string>> = {}): Promise<CliResult> {
  return buildCli(line.replace('PORT', `${port}`).split(' '), { HOME: folder, ...environment, ...more });
}

describe('what is cheap to check is refused before an image is made', () => {
  test.each([
    ['try me/iris:2 --listen PORT', 'another port with --listen'],
    ['try max-ocr --listen PORT', 'another port with --listen'],
    [`${image} --port PORT`, 'another port with --port'],
    [`${image} --port 0 --azure examples/azure/app --azure-port PORT`, 'another port'],
  ])('a used port: %s', async (line, hint) => {
    const { exitCode, stderr } = await run(line);
    expect([exitCode, stderr]).toEqual([
      1,
      `error: port ${port} on 127.0.0.1 is already used\n  hint: stop the program that uses it, or choose ${hint}\n`,
    ]);
  });

  test("a used port of SignalR's", async () => {
    const AzureSignalRConnectionString = `Endpoint=http://127.0.0.1:${port};AccessKey=k`;
    const { exitCode, stderr } = await run(`${image} --port 0 --signalr`, { AzureSignalRConnectionString });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(`port ${port} on 127.0.0.1 is already used`)]);
  });

  test.each(['try me/iris:2 --listen 0', `${image} --port 0`])('an address of another machine: %s', async (line) => {
    const { exitCode, stderr } = await run(`${line} --host 192.0.2.1`);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^error: cannot listen on 192\.0\.2\.1:0: /)]);
  });

  test.each(['try me/iris:2 --listen 0', `${image} --port 0`])('a malformed key: %s', async (line) => {
    const { exitCode, stderr } = await run(line, { MODELWHISK_GATEWAY_KEY: 'secret' });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('MODELWHISK_GATEWAY_KEY is "secret"; expected')]);
  });

  test.each([
    [`${image} --port 0 --azure /nonexistent`, {}, '--azure is "/nonexistent"; expected a folder with a host.json'],
    [`${image} --port 0 --signalr`, { AzureSignalRConnectionString: 'x' }, 'AzureSignalRConnectionString is'],
    [`${image} --action y=Bad --port 0`, {}, '"Bad" is not an image reference'],
  ])('%s, %j', async (line, more, message) => {
    const { exitCode, stderr } = await run(line, more);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

test.each(['try me/iris:2 --listen 0', `${image} --port 0`])('else %s needs Docker', async (line) => {
  const { exitCode, stderr } = await run(line);
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('no docker command on the PATH')]);
});
