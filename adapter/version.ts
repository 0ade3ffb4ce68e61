import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The adapter's version. The bundler replaces the name by it (image/layers/bundle.ts). */
export const adapterVersion: string =
  typeof MODELWHISK_VERSION === 'string' ? MODELWHISK_VERSION : versionOf(join(import.meta.dirname, '../package.json'));

declare const MODELWHISK_VERSION: string | undefined;

/** In a checkout, where no bundler has put it in. */
function versionOf(packageFile: string): string {
  return String((JSON.parse(readFileSync(packageFile, 'utf8')) as { readonly version: unknown }).version);
}
