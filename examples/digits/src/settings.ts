import { join } from 'node:path';
import { readObjectStore, type ObjectStore } from './object-store.ts';

export interface Settings {
  /** Port to listen on; 0 picks a free one. `PORT`, default 5000. */
  readonly port: number;
  /** The ONNX file. `DIGITS_MODEL`, default `model.onnx` in the directory `MODEL_DIR`, or beside package.json. */
  readonly model: string;
  /** Hosts that `image_url` may name although their addresses are private. `DIGITS_ALLOW_HOSTS`, comma-separated. */
  readonly allowHosts: ReadonlySet<string>;
  /** Where `/predict` finds its objects; read on each use, because some platforms hand it over after the start. */
  readonly objectStore: () => ObjectStore;
}

const known = new Set(['DIGITS_MODEL', 'DIGITS_ALLOW_HOSTS']);

/** Reads the environment once. Throws for a malformed setting, and for an unknown `DIGITS_…` variable. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const unknown = Object.keys(environment).find((name) => name.startsWith('DIGITS_') && !known.has(name));
  if (unknown !== undefined) {
    throw new Error(`${unknown} is not a setting; expected one of ${[...known].join(', ')}`);
  }
  const objectStore = (): ObjectStore => readObjectStore(environment);
  objectStore();
  return Object.freeze({
    port: readPort(environment['PORT'] ?? '5000'),
    model:
      environment['DIGITS_MODEL'] ?? join(environment['MODEL_DIR'] || join(import.meta.dirname, '..'), 'model.onnx'),
    allowHosts: new Set(readHosts(environment['DIGITS_ALLOW_HOSTS'] ?? '')),
    objectStore,
  });
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new Error(`PORT is ${JSON.stringify(text)}; expected a number from 0 to 65535`);
  }
  return port;
}

function readHosts(text: string): string[] {
  const hosts = text.split(',').flatMap((host) => host.trim().toLowerCase() || []);
  const malformed = hosts.find((host) => !isHostName(host));
  if (malformed !== undefined) {
    throw new Error(`DIGITS_ALLOW_HOSTS names ${JSON.stringify(malformed)}; expected host names without port or path`);
  }
  return hosts;
}

function isHostName(host: string): boolean {
  const address = `http://${host}`;
  return URL.canParse(address) && new URL(address).hostname === host;
}
