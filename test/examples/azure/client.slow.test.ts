import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser } from '../../support/browser.ts';
import { type Hub, startHub } from './hub.ts';

const client = join(import.meta.dirname, '../../../examples/azure/client');

let folder: string;
let browser: Browser;
let hub: Hub;
let page: Page;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelwhisk-page-'));
  await cp(client, folder, { recursive: true, filter: (path) => !path.includes('node_modules') });
  [browser, hub] = await Promise.all([launchBrowser(), startHub(folder)]);
});

afterAll(async () => {
  await browser?.close();
  await hub?.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  page = await browser.newPage();
});

afterEach(async () => page.close());

describe('the page of examples/azure', () => {
  test('says what is wrong if its script cannot be loaded', async () => {
    await page.goto(`${hub.url}/?app=${hub.url}`);
    expect(await page.getByRole('status').textContent()).toMatch(
      /^cannot load node_modules\/@microsoft\/signalr\/.*: run "npm ci"/,
    );
  });

  test('connects after npm ci, shows each result and the rate, and forgets old results', async () => {
    await execa('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder });
    const elsewhere: string[] = [];
    page.on('request', (request) => request.url().startsWith(hub.url) || elsewhere.push(request.url()));
    await page.goto(`${hub.url}/?app=${hub.url}`);
    await page.getByText(`connected to ${hub.url}`).waitFor();

    hub.send('newResult', { url: `${hub.url}/7.png`, predictedTagName: 'seven' });
    await page.getByRole('listitem').getByText('seven').waitFor();
    await page.getByText('0.1 results per second, 1 in all').waitFor();
    expect(await page.locator('li img').getAttribute('src')).toBe(`${hub.url}/7.png`);

    for (let index = 0; index < 60; index += 1) hub.send('newResult', { predictedTagName: `result ${index}` });
    await page.getByText('61 in all').waitFor();
    expect(await page.getByRole('listitem').count()).toBe(50);
    expect(await page.getByRole('listitem').first().textContent()).toBe('result 59');
    expect(await page.getByText('seven').count()).toBe(0);
    await page.getByText('0.0 results per second, 61 in all').waitFor();
    expect(elsewhere).toEqual([]);
  });

  test('says why it cannot connect', async () => {
    await page.goto(`${hub.url}/?app=${hub.url}/none`);
    const said = page.getByText(/^cannot connect to /);
    await said.waitFor();
    expect(await said.textContent()).toContain('404');
  });
});
