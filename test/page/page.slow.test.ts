import { once } from 'node:events';
import { type IncomingMessage, request, type RequestOptions } from 'node:http';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import { guestKey } from '../../gateway/authentication.ts';
import { launchBrowser, openPage } from '../support/browser.ts';
import { freePort } from '../support/free-port.ts';
import { type RunningProgram, startProgram } from '../support/program.ts';

const root = join(import.meta.dirname, '../..');
const samples = join(root, 'examples/digits/samples');

let browser: Browser;
let gateway: RunningProgram;
let page: Page;
let url: string;
/** Errors in the browser. */
let complaints: readonly string[];

beforeAll(async () => {
  browser = await launchBrowser();
  url = await startGateway(await freePort());
});

afterAll(async () => {
  await browser?.close();
  await gateway?.interrupt();
});

beforeEach(async () => {
  ({ page, complaints } = await openPage(browser));
  await page.goto(url);
  await page.getByText('connected').waitFor();
});

afterEach(async () => page.close());

/** As `npm start` does. */
async function startGateway(port: number): Promise<string> {
  gateway = startProgram(['start', '--port', String(port), '--instances', '2', '--quiet', '--key', 'guest'], {
    cwd: root,
  });
  const text = await gateway.printed(/^Page: \S+$/m);
  return /^Page: (\S+)$/m.exec(text)?.[1] ?? '';
}

/** Creates, updates or deletes the action "other", which is never called, over the REST API. */
async function changeAction(method: 'PUT' | 'DELETE', query = ''): Promise<void> {
  const response = await fetch(new URL(`/api/v1/namespaces/_/actions/other${query}`, url), {
    method,
    headers: { 'Content-Type': 'application/json', Authorization: `Basic ${Buffer.from(guestKey).toString('base64')}` },
    ...(method === 'PUT' && { body: JSON.stringify({ exec: { kind: 'blackbox', image: 'me/other:1' } }) }),
  });
  expect(response.status).toBe(200);
}

async function drawSeven(): Promise<void> {
  const box = await page.getByRole('img', { name: /^Draw here/ }).boundingBox();
  if (box === null) throw new Error('there is no field to draw in');
  await page.mouse.move(box.x + 70, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + 200, box.y + 62, { steps: 8 });
  await page.mouse.move(box.x + 120, box.y + 230, { steps: 10 });
  await page.mouse.up();
}

/** A script for the browser that drops an image of a vertical stroke. */
const dropOfOne = `(async () => {
  const canvas = new OffscreenCanvas(100, 100);
  canvas.getContext('2d').fillRect(45, 10, 10, 80);
  const files = new DataTransfer();
  files.items.add(new File([await canvas.convertToBlob()], '1.png', { type: 'image/png' }));
  document.querySelector('.drop').dispatchEvent(new DragEvent('drop', { dataTransfer: files, bubbles: true }));
})()`;

describe('the page of the gateway', () => {
  test('reads a drawn 7, shows the parts of the time, and the action in the live list', async () => {
    await drawSeven();
    await page.locator('.best').waitFor();
    expect(await page.locator('.best').textContent()).toBe('seven');
    expect(await page.locator('.bars li').count()).toBe(10);
    await page.getByText(/model [\d.]+ ms, adapter [\d.]+ ms/).waitFor();
    const line = page.locator('.activations li').first();
    expect(await line.textContent()).toMatch(/digits200(cold|warm)#1\d+ ms$/);
    await line.getByRole('button').click();
    await line.getByText('"path":"/model/predict"').waitFor();
    expect(complaints).toEqual([]);
  });

  test('reads a chosen file, and shows a picture that explains the decision', async () => {
    await page.locator('input[type=file]').setInputFiles(join(samples, '3-transparent.png'));
    await page.locator('.best').waitFor();
    expect(await page.locator('.best').textContent()).toBe('three');
    await page.getByRole('button', { name: 'explain' }).click();
    const picture = page.getByRole('img', { name: 'the answer' });
    await picture.waitFor();
    expect(
      await picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
    ).toBeGreaterThan(100);
    expect(complaints).toEqual([]);
  });

  test('reads a file that is dropped', async () => {
    await page.evaluate(dropOfOne);
    await page.locator('.best').waitFor();
    expect(await page.locator('.best').textContent()).toBe('one');
  });

  test('names a file in the curl command before one is chosen, and shows a file only while it is what is sent', async () => {
    expect(await page.locator('.curl code').textContent()).toMatch(/^curl -F 'image=@[\w.]+;type=image\/png' http/);
    await page.locator('input[type=file]').setInputFiles(join(samples, '3-transparent.png'));
    await page.getByAltText('the chosen file').waitFor();
    await drawSeven();
    await page.getByAltText('the chosen file').waitFor({ state: 'detached' });
    await page.locator('.best').getByText('seven').waitFor();
    expect(await page.locator('.curl code').textContent()).toContain('image=@drawing.png');
  });

  test('shows a curl command with the page’s request', async () => {
    await page.locator('input[type=file]').setInputFiles(join(samples, '7.png'));
    const line = await page.locator('.curl code').textContent();
    const { stdout } = await execa('sh', ['-c', `${line} --silent`], { cwd: samples });
    expect(stdout).toContain('"label":"seven"');
  });

  test('says where to look if the model failed', async () => {
    const broken = '<h1>Internal Server Error</h1>';
    await page.route('**/default/digits', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, status: 500, contentType: 'text/html', body: broken });
    });
    await page.locator('input[type=file]').setInputFiles(join(samples, '7.png'));
    await page.getByText('The model failed. Press its line in the list').waitFor();
    expect(await page.locator('.answer > pre').textContent()).toBe(broken);
  });

  test('explains the problem of a file', async () => {
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'x.png', mimeType: 'image/png', buffer: Buffer.from('x') });
    await page.getByRole('alert').getByText('The image is not a PNG').waitFor();
    expect(await page.locator('.answer .dot').getAttribute('class')).toContain('bad');
  });

  test('shows a load of 200 calls as it runs, on as many instances as are allowed', async () => {
    await page.locator('input[type=file]').setInputFiles(join(samples, '7.png'));
    await page.getByText('Load', { exact: true }).click();
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByText(/^\s*200 of 200 calls, 0 failed/).waitFor({ timeout: 120_000 });
    const numbers = await page.locator('.numbers').textContent();
    expect(numbers).toMatch(/calls\/s\d/);
    expect(numbers).toContain('instances2');
  });

  test('follows actions that are created, changed and deleted, and keeps a form that is half filled', async () => {
    await page.locator('input[type=file]').setInputFiles(join(samples, '7.png'));
    await page.locator('.best').waitFor();
    await changeAction('PUT');
    await page.getByRole('button', { name: 'other', exact: true }).waitFor();
    expect(await page.getByAltText('the chosen file').count()).toBe(1);
    expect(await page.locator('.best').textContent()).toBe('seven');

    await page.getByRole('button', { name: 'other', exact: true }).click();
    await page.getByLabel('JSON body').fill('{"half": ');
    const isDeleted = page.getByRole('alert').getByText('other was deleted.');
    await changeAction('PUT', '?overwrite=true');
    await changeAction('DELETE');
    await isDeleted.waitFor();
    expect(await page.getByLabel('JSON body').inputValue()).toBe('{"half": ');
    await changeAction('PUT');
    await isDeleted.waitFor({ state: 'detached' });
    expect(await page.getByLabel('JSON body').inputValue()).toBe('{"half": ');

    await page.getByRole('button', { name: 'digits', exact: true }).click();
    await changeAction('DELETE');
    await page.getByRole('button', { name: 'other', exact: true }).waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'Handwritten Digit Classifier' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('says that the gateway does not answer, and continues when it does', async () => {
    await gateway.interrupt();
    await page.getByText('The gateway does not answer. Start it again').waitFor();
    await startGateway(Number(new URL(url).port));
    await page.getByText('connected').waitFor({ timeout: 60_000 });
    await drawSeven();
    await page.locator('.best').waitFor({ timeout: 60_000 });
    expect(await page.locator('.best').textContent()).toBe('seven');
  });

  test('can be used with the keyboard alone', async () => {
    for (let presses = 0; presses < 12; presses += 1) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate('document.activeElement.tagName');
      if (focused === 'SUMMARY') break;
    }
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('is one column on a phone, without a scroll bar, and shows the answer on the first screen', async () => {
    await page.setViewportSize({ width: 375, height: 844 });
    const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
    expect(width).toBeLessThanOrEqual(375);
    await drawSeven();
    await page.locator('.best').waitFor();
    const answer = await page.locator('.best').boundingBox();
    expect((answer?.y ?? 0) + (answer?.height ?? 0)).toBeLessThan(844);
  });
});

describe('nothing of the page is reachable from elsewhere', () => {
  test.each<[what: string, path: string, options: RequestOptions, status: number]>([
    ['another origin', '/_page/events', { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' } }, 403],
    ['a form of another site', '/_page/run', { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } }, 403],
    ['a link to it', '/', { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' } }, 200],
    ['the page itself', '/_page/main.js', { headers: { 'sec-fetch-site': 'same-origin' } }, 200],
    ['an unknown path', '/_page/nothing', {}, 404],
    ['a method that is not allowed', '/_page/events', { method: 'PUT' }, 405],
    ['a run of another path', '/_page/run?target=/x&calls=1&concurrency=1', { method: 'POST' }, 400],
    ['a run without end', '/_page/run?target=/api/v1/web/x&calls=999999999&concurrency=1', { method: 'POST' }, 400],
  ])('%s', async (_what, path, options, status) => {
    // Not fetch, which sets the headers of a browser itself.
    const [response] = (await once(request(new URL(path, url), options).end(), 'response')) as [IncomingMessage];
    response.resume();
    expect([response.statusCode, response.headers['access-control-allow-origin']]).toEqual([status, undefined]);
    expect(response.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
  });

  test('the page is less than 100 KB', async () => {
    const sizes = await Promise.all(
      ['/', '/_page/main.js', '/_page/style.css'].map(
        async (path) => (await (await fetch(new URL(path, url))).arrayBuffer()).byteLength,
      ),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(100_000);
  });
});
