/**
 * Measures modelwhisk beside its peers and writes bench/RESULTS.md.
 *
 *   npm run bench [-- [--effort NUMBER] NAME…]
 *
 * Without names everything runs. An effort of 3 makes three times as many rounds.
 */
import { parseArgs } from 'node:util';
import { benchActivation } from './activation.ts';
import { installPeers } from './peers.ts';
import { compilePrograms } from './programs.ts';
import { writeSection } from './report.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { effort: { type: 'string', default: '1' } },
});
const peers = await installPeers();
const programs = await compilePrograms();
const effort = Number(values.effort);

const benches: Readonly<Record<string, { readonly title: string; readonly run: () => Promise<string> }>> = {
  activation: { title: '1. Warm activation', run: async () => benchActivation(programs, peers, effort) },
};

const unknown = positionals.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; expected some of ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}

const versions = Object.entries(peers.versions).map(([name, version]) => `${name} ${version}`);
for (const [name, { title, run }] of Object.entries(benches)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  console.log(`${title} …`);
  const text = await run();
  console.log(`${text}\n`);
  await writeSection(title, `npm run bench -- ${name}`, versions.join(', '), text);
}
