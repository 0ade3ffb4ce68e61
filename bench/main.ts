import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { benchActivation } from './activation.ts';
import { benchBuild } from './build.ts';
import { benchColdStart } from './cold-start.ts';
import { benchInstances } from './instances.ts';
import { benchLambda } from './lambda.ts';
import { benchMemory } from './memory.ts';
import { benchModelServer } from './model-server.ts';
import { installPeers } from './peers.ts';
import { compilePrograms } from './programs.ts';
import { type Section, writeSection } from './report.ts';
import { benchSize } from './size.ts';
import { benchStreams } from './streams.ts';
import { benchThroughput } from './throughput.ts';
import { pythonPackages } from './throughput/peers.ts';

const usage = `Measures modelwhisk beside its peers and writes bench/RESULTS.md.

  npm run bench [-- [--effort NUMBER] [--minutes NUMBER] NAME…]

Without names everything runs, within ten minutes: activation, model-server, lambda, streams, cold-start, memory,
http-client, size, and instances, throughput and build where there is time left for it. What is left out keeps its section in RESULTS.md.
--minutes sets another limit. An effort of 3 makes three times as many rounds.`;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    effort: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '10' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const began = Date.now();
const limit = positionals.length > 0 ? Number.POSITIVE_INFINITY : Number(values.minutes);
const isWanted = (name: string): boolean => positionals.length === 0 || positionals.includes(name);
const peers = await installPeers(isWanted);
const programs = await compilePrograms();
const effort = Number(values.effort);

interface Bench {
  readonly title: string;
  /** Packages whose versions are reported, besides Node. */
  readonly versions: readonly string[];
  /** Duration in minutes on two idle cores, with an effort of 1. */
  readonly minutes: number;
  readonly run: () => Promise<string | Section>;
}

/** In the order in which they run, the most important ones first. */
const benches: Readonly<Record<string, Bench>> = {
  activation: {
    title: '1. Warm activation',
    minutes: 5,
    versions: ['express', 'supertest', 'serverless-http', '@codegenie/serverless-express', 'flask', 'werkzeug'],
    run: async () => benchActivation(programs, peers, effort),
  },
  'model-server': {
    title: '2. http model server',
    minutes: 0.3,
    versions: [],
    run: async () => benchModelServer(programs, effort),
  },
  lambda: {
    title: '8. Lambda',
    minutes: 0.5,
    versions: ['express', 'aws-lambda-web-adapter'],
    run: async () => benchLambda(programs, peers, effort),
  },
  streams: {
    title: '10. Streams',
    minutes: 0.3,
    versions: ['express'],
    run: async () => benchStreams(programs, effort),
  },
  'cold-start': {
    title: '4. Cold start',
    minutes: 0.6,
    versions: ['express'],
    run: async () => benchColdStart(programs, effort),
  },
  memory: { title: '5. Memory', minutes: 1.5, versions: ['express'], run: async () => benchMemory(programs, effort) },
  'http-client': {
    title: '3. The HTTP client behind it',
    minutes: 0.5,
    versions: ['undici'],
    run: async () => script('http-client.ts'),
  },
  size: { title: '6. Size', minutes: 0.3, versions: [], run: benchSize },
  instances: { title: '11. Instances', minutes: 1.5, versions: [], run: async () => benchInstances(effort) },
  throughput: {
    title: '9. Throughput',
    minutes: 4,
    versions: Object.keys(pythonPackages),
    run: async () => benchThroughput(programs, effort),
  },
  build: { title: '7. Build', minutes: 5, versions: [], run: async () => benchBuild(effort) },
};

const unknown = positionals.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; expected some of ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}
// Ends the program even if a bench hangs.
if (Number.isFinite(limit)) setTimeout(() => stop('the time is over'), limit * 60_000).unref();
for (const [name, { title, versions, minutes, run }] of Object.entries(benches)) {
  if (!isWanted(name)) continue;
  if (elapsed() + minutes * effort > limit) {
    console.log(`${title}: left out, as it takes ${minutes * effort} minutes: npm run bench -- ${name}\n`);
    continue;
  }
  const started = elapsed();
  console.log(`${title} …`);
  try {
    const result = await run();
    const section = typeof result === 'string' ? { text: result, aims: [] } : result;
    console.log(`${section.text}\n(${((elapsed() - started) * 60).toFixed(0)} s)\n`);
    const known: Readonly<Record<string, string>> = { ...peers.versions, ...pythonPackages };
    const named = versions.map((each) => `${each} ${known[each] ?? '?'}`);
    await writeSection(title, `npm run bench -- ${effort === 1 ? '' : `--effort ${effort} `}${name}`, named, section);
  } catch (error) {
    // Continue with the other benches.
    console.error(error);
    process.exitCode = 1;
  }
}

/** Minutes since the start. */
function elapsed(): number {
  return (Date.now() - began) / 60_000;
}

function stop(why: string): void {
  console.error(`${why}: ${limit} minutes`);
  process.exit(1);
}

/** Runs a bench that is a separate program and prints its results. */
async function script(file: string): Promise<string> {
  const { stdout } = await execa(process.execPath, ['--import', 'tsx', join(import.meta.dirname, file)], {
    stderr: 'inherit',
    reject: false,
  });
  return `\`\`\`text\n${stdout.trim()}\n\`\`\``;
}
