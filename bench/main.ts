import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { benchActivation } from './activation.ts';
import { benchBuild } from './build.ts';
import { benchColdStart } from './cold-start.ts';
import { benchLambda } from './lambda.ts';
import { benchMemory } from './memory.ts';
import { benchModelServer } from './model-server.ts';
import { installPeers } from './peers.ts';
import { compilePrograms } from './programs.ts';
import { writeSection } from './report.ts';
import { benchSize } from './size.ts';
import { benchThroughput } from './throughput.ts';
import { pythonPackages } from './throughput/peers.ts';

const usage = `Measures modelwhisk beside its peers and writes bench/RESULTS.md.

  npm run bench [-- [--effort NUMBER] NAME…]

Without names everything runs: activation, model-server, http-client, cold-start, memory, size, build, lambda,
throughput.
An effort of 3 makes three times as many rounds.`;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { effort: { type: 'string', default: '1' }, help: { type: 'boolean', default: false } },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const peers = await installPeers();
const programs = await compilePrograms();
const effort = Number(values.effort);

interface Bench {
  readonly title: string;
  /** Packages whose versions are reported, besides Node. */
  readonly versions: readonly string[];
  readonly run: () => Promise<string>;
}

const benches: Readonly<Record<string, Bench>> = {
  activation: {
    title: '1. Warm activation',
    versions: ['express', 'supertest', 'serverless-http', '@codegenie/serverless-express', 'flask', 'werkzeug'],
    run: async () => benchActivation(programs, peers, effort),
  },
  'model-server': {
    title: '2. http model server',
    versions: [],
    run: async () => benchModelServer(programs, effort),
  },
  'http-client': {
    title: '3. The HTTP client behind it',
    versions: ['undici'],
    run: async () => script('http-client.ts'),
  },
  'cold-start': {
    title: '4. Cold start',
    versions: ['express'],
    run: async () => benchColdStart(programs, effort),
  },
  memory: { title: '5. Memory', versions: ['express'], run: async () => benchMemory(programs, effort) },
  size: { title: '6. Size', versions: [], run: benchSize },
  build: { title: '7. Build', versions: [], run: async () => benchBuild(effort) },
  lambda: {
    title: '8. Lambda',
    versions: ['express', 'aws-lambda-web-adapter'],
    run: async () => benchLambda(programs, peers, effort),
  },
  throughput: {
    title: '9. Throughput',
    versions: Object.keys(pythonPackages),
    run: async () => benchThroughput(programs, effort),
  },
};

const unknown = positionals.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; expected some of ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}
for (const [name, { title, versions, run }] of Object.entries(benches)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const began = Date.now();
  console.log(`${title} …`);
  try {
    const text = await run();
    console.log(`${text}\n(${Math.round((Date.now() - began) / 1000)} s)\n`);
    const known: Readonly<Record<string, string>> = { ...peers.versions, ...pythonPackages };
    const named = versions.map((each) => `${each} ${known[each] ?? '?'}`);
    await writeSection(title, `npm run bench -- ${effort === 1 ? '' : `--effort ${effort} `}${name}`, named, text);
  } catch (error) {
    // Continue with the other benches.
    console.error(error);
    process.exitCode = 1;
  }
}

/** Runs a bench that is a separate program and prints its results. */
async function script(file: string): Promise<string> {
  const { stdout } = await execa(process.execPath, ['--import', 'tsx', join(import.meta.dirname, file)], {
    stderr: 'inherit',
    reject: false,
  });
  return `\`\`\`text\n${stdout.trim()}\n\`\`\``;
}
