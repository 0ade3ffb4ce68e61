// Installs the Python servers that `npm run bench -- throughput` compares with: npx tsx bench/throughput/peers.ts
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { cacheFolder } from '../peers.ts';

/** The releases of November 2026 that run on Python 3.11. */
export const pythonPackages = { bentoml: '1.4.40', kserve: '0.21.0', onnxruntime: '1.32.0' } as const;

const environment = join(cacheFolder, 'throughput');

/** Path of a program of the peers' virtual environment. Undefined if they are not installed. */
export function peerProgram(name: 'python' | 'bentoml'): string | undefined {
  const path = join(environment, 'bin', name);
  return existsSync(join(environment, 'bin', 'bentoml')) ? path : undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const packages = Object.entries(pythonPackages).map(([name, version]) => `${name}==${version}`);
  await execa('python3', ['-m', 'venv', environment], { stdio: 'inherit' });
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', ...packages];
  await execa(join(environment, 'bin', 'python'), pip, { stdio: 'inherit' });
}
