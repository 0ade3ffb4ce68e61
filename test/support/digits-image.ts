import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { compileDigits } from './compiled-digits.ts';
import { docker } from './docker.ts';

const example = join(import.meta.dirname, '../../examples/digits');

/**
 * Makes the image of the digits example like its Dockerfile, but with the packages that are installed here, because a
 * build cannot reach npm everywhere.
 *
 * @param nodeImage the image with Node.js
 */
export async function makeDigitsImage(name: string, nodeImage: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-digits-'));
  try {
    await compileDigits(folder);
    await cp(join(example, 'node_modules'), join(folder, 'node_modules'), { recursive: true, filter: isNeeded });
    const lines = [
      `FROM ${nodeImage}`,
      'WORKDIR /app',
      'COPY . .',
      'ENV NODE_ENV=production',
      'USER node',
      'EXPOSE 5000',
      'CMD ["node", "dist/server.js"]',
    ];
    await writeFile(join(folder, 'Dockerfile'), lines.join('\n'));
    await docker('build', '--quiet', '--tag', name, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** False for packages that only building needs, and for ONNX Runtime's builds for browsers. */
function isNeeded(path: string): boolean {
  const inside = relative(join(example, 'node_modules'), path);
  if (/^(?:node_modules|\.bin|@types|@typescript|@esbuild|typescript|tsx|esbuild)(?:\/|$)/.test(inside)) return false;
  const build = /^onnxruntime-web\/dist\/(.+)$/.exec(inside)?.[1];
  return build === undefined || /^(?:ort\.node\.min\.mjs|ort-wasm-simd-threaded\.(?:mjs|wasm))$/.test(build);
}
