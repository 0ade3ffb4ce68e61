/**
 * How long does it take to lay the adapter onto a large image and push it, cold and for one more model? Times
 * build.ts --engine registry beside docker build and push, buildah, and crane's append and mutate, in one run against
 * one registry on loopback, and prints wall time, peak memory and the ratio to build.ts. What is not installed is left
 * out; `go install github.com/google/go-containerregistry/cmd/crane@latest` installs crane.
 *
 *   npx tsx bench/build.ts [megabytes of the base image, default 1500]
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { adapterLayers } from '../image/registry/engine.ts';
import { Registries } from '../image/registry/registries.ts';
import { pseudoRandom } from '../test/image/registry/support/adapter.ts';
import { pushBase } from '../test/image/registry/support/base-images.ts';
import { startFaultProxy } from '../test/image/registry/support/fault-proxy.ts';
import { pushThisNode } from './this-node.ts';
import { startRegistry } from '../test/support/registry.ts';

const megabytes = Number(process.argv[2] ?? 1500);
const root = join(import.meta.dirname, '..');
const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-bench-'));
const registry = await startRegistry();
const proxy = await startFaultProxy(registry.host);
try {
  await prepare();
  const ours = await contender('build.ts', buildTs);
  const others = [
    await contender('docker build + push', dockerBuild, 'docker'),
    await contender('buildah', buildah, 'buildah'),
    await contender('crane append + mutate', crane, 'crane'),
  ];
  for (const found of [ours, ...others]) if (found && ours) report(found, ours);
  const before = proxy.sent();
  await buildTs('two', proxy.host, 'counted');
  console.log(`\nbuild.ts, one more model: ${proxy.sent() - before} bytes sent`);
} finally {
  await proxy.close();
  await registry.close();
  await execa('docker', ['image', 'prune', '--force'], { reject: false });
  await rm(folder, { recursive: true, force: true });
}

interface Measured {
  readonly name: string;
  readonly first: Cost;
  readonly second: Cost;
}

interface Cost {
  readonly seconds: number;
  /** Of the largest single process that we started; the Docker engine's own is not in it. */
  readonly megabytes: number;
}

/** Two unrelated models of ten layers each, a catalogue of them, and the layers of the adapter as files. */
async function prepare(): Promise<void> {
  const size = Math.round((megabytes * 1_000_000) / 10);
  for (const [index, model] of ['one', 'two'].entries()) {
    const layers = Array.from({ length: 10 }, (_, layer) => pseudoRandom(size, 1 + layer + 100 * index));
    await pushBase(registry.host, `models/${model}`, 'v1', { layers });
  }
  await pushThisNode(registry.host, 'library/node', '24');
  await writeFile(join(folder, 'models.json'), JSON.stringify({ models: ['one', 'two'].map(rowOf) }));
  const registries = new Registries({ environment: {} });
  const options = { runtimeImage: `${registry.host}/library/node:24`, cacheFolder: cacheFolder() };
  const layers = await adapterLayers(
    'linux/amd64',
    { progress: () => undefined, signal: new AbortController().signal },
    { ...options, registries, environment: {}, verbose: false, adapterEntry: join(root, 'adapter/main.ts') },
  );
  registries.close();
  await writeFile(join(folder, 'config.json'), '{}');
  await mkdir(join(folder, 'context'));
  for (const [index, { open }] of layers.entries()) {
    await writeFile(join(folder, 'context', `layer${index}.tar.gz`), await open());
  }
}

async function contender(name: string, build: typeof buildTs, program?: string): Promise<Measured | undefined> {
  if (program !== undefined && (await execa('which', [program], { reject: false })).failed) {
    console.log(`${name}: not installed`);
    return undefined;
  }
  return { name, first: await build('one', registry.host, 'v1'), second: await build('two', registry.host, 'v1') };
}

async function buildTs(model: string, host: string, tag: string): Promise<Cost> {
  const words = ['--models', model, '--username', 'me', '--engine', 'registry', '--registry', host, '--tag', tag];
  const files = ['--catalogue', join(folder, 'models.json'), '--runtime-image', `${registry.host}/library/node:24`];
  const base = ['--base', `${host}/models/${model}:v1`];
  return timed(process.execPath, '--import', 'tsx', join(root, 'build.ts'), ...words, ...files, ...base);
}

async function dockerBuild(model: string, host: string): Promise<Cost> {
  const [base, target] = [`${host}/models/${model}:v1`, `${host}/docker/${model}:v1`];
  await writeDockerfile(base);
  const build = await timed('docker', 'build', '--quiet', '--tag', target, join(folder, 'context'));
  const push = await timed('docker', 'push', '--quiet', target);
  await execa('docker', ['image', 'rm', target, base], { reject: false });
  return sum(build, push);
}

async function buildah(model: string, host: string): Promise<Cost> {
  const target = `${host}/buildah/${model}:v1`;
  const storage = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run')];
  await writeDockerfile(`${host}/models/${model}:v1`);
  const bud = ['bud', '--tls-verify=false', '--quiet', '--tag', target, join(folder, 'context')];
  const build = await timed('buildah', ...storage, ...bud);
  return sum(build, await timed('buildah', ...storage, 'push', '--tls-verify=false', target));
}

async function crane(model: string, host: string): Promise<Cost> {
  const [base, target] = [`${host}/models/${model}:v1`, `${host}/crane/${model}:v1`];
  const layers = [0, 1].flatMap((index) => ['--new_layer', join(folder, 'context', `layer${index}.tar.gz`)]);
  const append = await timed('crane', 'append', '--base', base, ...layers, '--new_tag', target);
  const mutate = ['mutate', target, '--entrypoint', '/modelwhisk/runtime/node', '--env', 'MODELWHISK_MODEL={}'];
  return sum(append, await timed('crane', ...mutate, '--tag', target));
}

async function writeDockerfile(base: string): Promise<void> {
  const text = `FROM ${base}\nADD layer0.tar.gz layer1.tar.gz /\nENTRYPOINT ["/modelwhisk/runtime/node"]\n`;
  await writeFile(join(folder, 'context', 'Dockerfile'), text);
}

async function timed(...words: readonly string[]): Promise<Cost> {
  const times = join(folder, 'times');
  const environment = { XDG_CACHE_HOME: join(folder, 'cache'), DOCKER_CONFIG: folder, DOCKER_BUILDKIT: '0' };
  await execa('/usr/bin/time', ['-o', times, '-f', '%e %M', ...words], { env: environment, cwd: root });
  const [seconds = 0, kilobytes = 0] = (await execa('cat', [times])).stdout.split(' ').map(Number);
  return { seconds, megabytes: kilobytes / 1000 };
}

function sum(a: Cost, b: Cost): Cost {
  return { seconds: a.seconds + b.seconds, megabytes: Math.max(a.megabytes, b.megabytes) };
}

function report({ name, first, second }: Measured, ours: Measured): void {
  console.log(`${name.padEnd(22)} first ${inWords(first, ours.first)};  second ${inWords(second, ours.second)}`);
}

function inWords(cost: Cost, reference: Cost): string {
  const ratio = (cost.seconds / reference.seconds).toFixed(1);
  return `${cost.seconds.toFixed(2)} s (x${ratio}), ${Math.round(cost.megabytes)} MB`;
}

function cacheFolder(): string {
  return join(folder, 'cache', 'modelwhisk');
}

function rowOf(name: string): object {
  const predict = { input: { kind: 'json' } };
  return {
    name,
    title: name,
    image: `${registry.host}/models/${name}:v1`,
    server: { kind: 'http', port: 5000 },
    predict,
  };
}
