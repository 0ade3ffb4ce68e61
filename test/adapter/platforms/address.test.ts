import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { startAdapter } from '../start-adapter.ts';
import { echoServer } from '../echo-server.ts';

/** Linux answers on all of 127.0.0.0/8, so even a machine without a network has another address. */
const elsewhere =
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.2';

const row = {
  name: 'echo',
  title: 'Echo',
  image: 'me/echo',
  server: echoServer,
  predict: { path: '/model/predict', input: { kind: 'json' } },
};

test.each(['openwhisk', 'http'])(
  '%s with MODELWHISK_ADDRESS of loopback is not to be reached by another address',
  async (platform) => {
    const adapter = await startAdapter(row, { MODELWHISK_PLATFORM: platform, MODELWHISK_ADDRESS: '127.0.0.1' });
    const { port } = adapter;
    try {
      await expect(fetch(`http://${elsewhere}:${port}/`)).rejects.toThrow('fetch failed');
      expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBeGreaterThan(0);
    } finally {
      await adapter.stop();
    }
  },
);
