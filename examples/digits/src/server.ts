import type { AddressInfo } from 'node:net';
import { readSettings } from './settings.ts';

try {
  const { port } = readSettings(process.env);
  const { app } = await import('./app.ts');
  const server = app.listen(port, (error) => {
    if (error !== undefined) {
      fail(error);
    }
    console.log(`digits listens on port ${(server.address() as AddressInfo).port}`);
  });
  // Calls in flight are answered first; with the last of them the process ends by itself.
  process.once('SIGTERM', () => server.close());
  process.once('SIGINT', () => server.close());
} catch (error) {
  fail(error);
}

function fail(error: unknown): never {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
