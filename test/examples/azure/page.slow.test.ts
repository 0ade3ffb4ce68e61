import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { execa } from 'execa';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectionInfo, sendMessages } from '../../../azure/functions/signalr-output.ts';
import type { SignalRAccount } from '../../../azure/signalr/connection-string.ts';
import { type Azurite, installAzurite, startAzurite } from '../../adapter/platforms/azure/azurite.ts';
import { launchBrowser, openPage } from '../../support/browser.ts';
import { freePort } from '../../support/free-port.ts';
import { type RunningProgram, startProgram } from '../../support/program.ts';

const root = join(import.meta.dirname, '../../..');
const samples = join(root, 'examples/digits/samples');

let browser: Browser;
let azurite: Azurite;
let images: Server;
let program: RunningProgram;
let signalR: SignalRAccount;
let app: string;
let page: Page;
/** Errors in the browser. */
let complaints: readonly string[];

beforeAll(async () => {
  installAzurite();
  [browser, azurite, images] = await Promise.all([launchBrowser(), startAzurite(), serveFolder(samples)]);
  signalR = { endpoint: `http://127.0.0.1:${await freePort()}`, key: 'a key of the tests, with 32 bytes or more' };
  program = startProgram(['start', '--azure', 'examples/azure/app', '--azure-port', '0', '--port', '0', '--json'], {
    cwd: root,
    env: {
      AzureWebJobsStorage: azurite.connectionString,
      AzureSignalRConnectionString: `Endpoint=${signalR.endpoint};AccessKey=${signalR.key}`,
      MODELWHISK_FETCH_ALLOW_HOSTS: new URL(urlOf(images)).host,
    },
  });
  const { azure } = JSON.parse(await program.printed(/\n/)) as { azure: { functions: string } };
  app = azure.functions;
});

afterAll(async () => {
  await browser?.close();
  await program?.interrupt();
  await azurite?.close();
  images?.close();
});

beforeEach(async () => {
  ({ page, complaints } = await openPage(browser));
});
afterEach(async () => page.close());

describe('the page of examples/azure, with npm start and Azurite alone', () => {
  test('shows the result of a picture in the queue as it comes, with its image and all labels', async () => {
    await page.goto(app);
    await page.getByText(`connected to ${app}`).waitFor();
    await page.getByText('No result yet.').waitFor();
    const url = `${urlOf(images)}/7.png`;
    const { stdout } = await execa(join(root, 'build.ts'), ['call', '--queue', 'images', url], {
      env: { AzureWebJobsStorage: azurite.connectionString },
    });
    expect(stdout).toContain('"status":201');
    const result = page.locator('.results > li').filter({ hasText: 'seven' });
    await result.waitFor();
    expect(await result.locator('img').getAttribute('src')).toBe(url);
    await result.getByText('all labels').click();
    expect(await result.locator('.bars li').count()).toBe(10);
    await page.getByText('in all1').waitFor();
    expect(complaints).toEqual([]);
  });

  test('shows the answer of a picture in the form, and the curl line of the same call', async () => {
    await page.goto(app);
    await page.locator('input[type=file]').setInputFiles(join(samples, '3-transparent.png'));
    await page.locator('.best').waitFor();
    expect(await page.locator('.best').textContent()).toBe('three');
    const line = await page.locator('.curl code').textContent();
    const { stdout } = await execa('sh', ['-c', `${line} --silent`], { cwd: samples });
    expect(stdout).toContain('"label":"three"');
    expect(complaints).toEqual([]);
  });

  test('shows the newest 50 results, and forgets none in its count', async () => {
    await page.goto(app);
    await page.getByText(`connected to ${app}`).waitFor();
    const messages = Array.from({ length: 60 }, (_, index) => ({
      target: 'newResult',
      arguments: [{ predictedTagName: `result ${index}` }],
    }));
    await sendMessages(signalR, 'results', messages);
    await page.getByText('in all60').waitFor();
    expect(await page.locator('.results > li').count()).toBe(50);
    expect(await page.locator('.results > li').first().textContent()).toMatch(/^result 59/);
  });

  test('is not reachable under a name that a web page has made lead here', async () => {
    const asked = request(new URL('/api/negotiate', app), { method: 'POST', headers: { Host: 'evil.example' } }).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(403);
  });

  test('is one column on a phone, without a scroll bar', async () => {
    await page.setViewportSize({ width: 375, height: 800 });
    await page.goto(app);
    expect(Number(await page.evaluate('document.documentElement.scrollWidth'))).toBeLessThanOrEqual(375);
  });
});

test('the page on a static host connects to the function app of ?app= and says why it cannot', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-azure-page-'));
  await execa('npm', ['run', 'azure-page', '--', folder], { cwd: root });
  const [host, functions] = await Promise.all([serveFolder(folder), negotiatingApp()]);
  try {
    await page.goto(`${urlOf(host)}/?app=${urlOf(functions)}`);
    await page.getByText(`connected to ${urlOf(functions)}`).waitFor();
    await sendMessages(signalR, 'results', { target: 'newResult', arguments: [{ predictedTagName: 'seven' }] });
    await page.locator('.results').getByText('seven').waitFor();
    expect(complaints).toEqual([]);
    await page.goto(`${urlOf(host)}/?app=${urlOf(host)}`);
    await page.getByText(`Cannot connect to ${urlOf(host)}:`).waitFor();
    expect(await page.getByRole('status').textContent()).toContain('404');
  } finally {
    host.close();
    functions.close();
    await rm(folder, { recursive: true });
  }
});

/** Stands for a function app on Azure that allows pages of other hosts: its negotiation. */
async function negotiatingApp(): Promise<Server> {
  const server = createServer((asked, response) => {
    const headers = {
      'Access-Control-Allow-Origin': asked.headers.origin ?? '*',
      'Access-Control-Allow-Credentials': 'true',
      'Access-Control-Allow-Headers': asked.headers['access-control-request-headers'] ?? '',
      'Content-Type': 'application/json',
    };
    void connectionInfo(signalR, 'results').then((info) => response.writeHead(200, headers).end(JSON.stringify(info)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function serveFolder(folder: string): Promise<Server> {
  const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
  const server = createServer((asked, response) => {
    const { pathname } = new URL(asked.url ?? '/', 'http://x');
    const file = join(folder, pathname === '/' ? 'index.html' : pathname);
    readFile(file).then(
      (content) =>
        response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' }).end(content),
      () => response.writeHead(404).end(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
