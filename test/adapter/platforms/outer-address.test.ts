import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Header } from '../../../adapter/http/message.ts';
import type { ClientReply, PlatformClient, StartPlatformClient } from '../../contract/platform-client.ts';
import { allSuites } from '../../contract/platform-suites.ts';
import { freePort } from '../../support/free-port.ts';

const module = join(import.meta.dirname, 'redirecting.mjs');
const description = { name: 'echo', title: 'Echo', image: 'me/echo', predict: { input: { kind: 'json' } } };

/** The model server's URL for the clients of the tests, by the name of the suite. */
const platforms: readonly (readonly [suite: string, outer: RegExp])[] = [
  ['an OpenWhisk raw web action', /^http:\/\/127\.0\.0\.1:\d+\/api\/v1\/web\/guest\/default\/echo$/],
  ['Azure Functions by default', /^http:\/\/localhost:7071\/api$/],
  ['SCF web function', /^https:\/\/127\.0\.0\.1:\d+$/],
  ['plain HTTP', /^http:\/\/127\.0\.0\.1:\d+$/],
];

const kinds = ['an Express app', 'an http server'] as const;

describe.each(platforms.flatMap(([suite, outer]) => kinds.map((kind) => [suite, kind, outer] as const)))(
  '%s in front of %s',
  (name, kind, outer) => {
    let client: PlatformClient;
    let own: string;
    beforeAll(async () => {
      const port = await freePort();
      own = kind === 'an Express app' ? 'http://model' : `http://127.0.0.1:${port}`;
      const environment = { REDIRECTING_PORT: String(port) };
      const server = kind === 'an Express app' ? { kind: 'express', module } : { kind: 'http', port, environment };
      const base = { entrypoint: [process.execPath, module], command: null, environment: {} };
      const start: StartPlatformClient | undefined = allSuites.find((suite) => suite.name === name)?.start;
      if (start === undefined) throw new Error(`there is no suite ${name}`);
      client = await start(
        { ...description, server },
        { MODELWHISK_BASE: JSON.stringify(base), MODELWHISK_LOG: 'off' },
      );
    });
    afterAll(() => client?.close());

    function get(query: Record<string, string>, headers: readonly Header[] = []): Promise<ClientReply> {
      const text = new URLSearchParams(query).toString();
      return client.send({ method: 'GET', path: '/x', query: text, headers, body: Buffer.alloc(0), timeLimit: 30_000 });
    }

    const seenIn = ({ body }: ClientReply) => JSON.parse(Buffer.from(body).toString()) as Record<string, string>;

    /** The outer address, as the model server gets it. */
    async function told(headers?: readonly Header[]): Promise<string> {
      const seen = seenIn(await get({}, headers));
      return `${seen['x-forwarded-proto']}://${seen['x-forwarded-host']}${seen['x-forwarded-prefix'] ?? ''}`;
    }

    test('the model server gets its outer URL, which callers cannot change', async () => {
      const forged: Header[] = [
        ['X-Forwarded-Host', 'evil.example'],
        ['X-Forwarded-Prefix', '/evil'],
        ['Forwarded', 'host=evil.example'],
      ];
      expect(await told()).toMatch(outer);
      expect(await told(forged)).toBe(await told());
      expect(JSON.stringify(seenIn(await get({}, forged)))).not.toContain('evil');
    });

    test('a redirect of the model server to itself leads the caller to it', async () => {
      const root = await told();
      const { pathname } = new URL(root);
      const prefix = pathname === '/' ? '' : pathname;
      const urls = [`${own}/docs/`, '/docs/', 'docs/', 'https://example.com/', 'http://127.0.0.1:1/docs/'];
      const locations = urls.map(async (location) => {
        const { headers } = await get({ location });
        return headers.find(([each]) => each.toLowerCase() === 'location')?.[1];
      });
      expect(await Promise.all(locations)).toEqual([`${root}/docs/`, `${prefix}/docs/`, ...urls.slice(2)]);
    });
  },
);
