import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** Where this program finds the project's parts: as sources in a checkout, bundled in the npm package. */
export interface Installation {
  /** The adapter for the layer, see EngineOptions. */
  readonly adapterEntry: string;
  /** Arguments for Node.js that run the adapter here, in the folder `root`. */
  readonly adapter: readonly string[];
  readonly root: string;
  /** The page of the gateway. */
  readonly page: { readonly folder: string; /** Whether it must be bundled first. */ readonly isSource: boolean };
  /** The digits example. */
  readonly digits: {
    readonly folder: string;
    /** The file that exports its app, relative to the folder. */
    readonly module: string;
    /** Whether its packages can be installed there. If not, it is copied to the user's cache first. */
    readonly inPlace: boolean;
  };
}

const checkout: Installation = {
  adapterEntry: join(root, 'adapter/main.ts'),
  adapter: ['--import', 'tsx', join(root, 'adapter/main.ts')],
  root,
  page: { folder: join(root, 'page'), isSource: true },
  digits: { folder: join(root, 'examples/digits'), module: 'src/app.ts', inPlace: true },
};

const npmPackage: Installation = {
  adapterEntry: join(root, 'dist/adapter'),
  adapter: [join(root, 'dist/adapter/main.cjs')],
  root,
  page: { folder: join(root, 'dist/page'), isSource: false },
  digits: { folder: join(root, 'dist/digits'), module: 'dist/app.js', inPlace: false },
};

export const installation: Installation = existsSync(checkout.adapterEntry) ? checkout : npmPackage;
