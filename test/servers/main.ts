// npm run test:servers -- cog fastapi
import { parseArgs } from 'node:util';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import { folderVariable, writeAdapter } from '../adapter/bundled.ts';
import { environmentOf, prepareEnvironment, removeEnvironment } from './environment.ts';
import { runInSandbox } from './sandbox.ts';
import { findServer, servers } from './servers.ts';
import type { ServerCase } from './server-case.ts';

const usage = `Runs real model servers, each with a tiny model of its own, behind the adapter.

  npm run test:servers [-- [--clean] NAME…]

Without names all of them: ${servers.map(({ name }) => name).join(', ')}.
They are installed from PyPI into $XDG_CACHE_HOME/modelwhisk/servers, and kept there; --clean removes them after a run
without faults. It needs Linux, root, iproute2, Python 3.11, and up to 1 GB of disk for each
server; llama-cpp is compiled with cmake and gcc, torchserve says which of Debian's packages it needs.`;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { clean: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const bundles = await mkdtemp(join(tmpdir(), 'modelwhisk-bundles-'));
process.env[folderVariable] = bundles;
await writeAdapter(bundles);

const failed: string[] = [];
for (const server of positionals.length === 0 ? servers : positionals.map(findServer)) {
  console.log(`${server.name}: ${server.packages.join(', ')}`);
  if (!(await isRight(server))) failed.push(server.name);
  else if (values.clean) await removeEnvironment(server);
}
await rm(bundles, { recursive: true });
console.log(failed.length === 0 ? 'all right' : `wrong: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function isRight(server: ServerCase): Promise<boolean> {
  try {
    await prepareEnvironment(server, (line) => console.log(`  ${line}`));
  } catch (error) {
    console.log(`  WRONG install    ${messageOf(error)}`);
    return false;
  }
  const program = [process.execPath, '--import', 'tsx', join(import.meta.dirname, 'run.ts'), server.name];
  return (await runInSandbox(program, environmentOf(server), server.directory)) === 0;
}
