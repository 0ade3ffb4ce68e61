import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { png } from '../contract/bodies.ts';

/** Files that calls name by their URL. */
export const inputFiles = {
  'pixel.png': { type: 'image/png', bytes: png },
  'rows.csv': { type: 'text/csv', bytes: Buffer.from('x,y\n1,2\n3,4\n') },
} as const;

export function inputFile(name: keyof typeof inputFiles): File {
  const { bytes, type } = inputFiles[name];
  return new File([new Uint8Array(bytes)], name, { type });
}

/** Serves them on loopback. Resolves with the host, "127.0.0.1:PORT". */
export async function serveInputFiles(): Promise<{ readonly host: string; readonly close: () => void }> {
  const server = createServer((request, response) => {
    const file = Object.entries(inputFiles).find(([name]) => request.url === `/${name}`)?.[1];
    response.writeHead(file === undefined ? 404 : 200, { 'content-type': file?.type ?? 'text/plain' });
    response.end(file?.bytes ?? 'no such file');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}
