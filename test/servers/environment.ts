import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { ServerCase } from './server-case.ts';

/** The installed files of a server, kept between runs. */
export interface ServerEnvironment {
  /** The virtual environment: its `bin` has "python" and the server's own programs. */
  readonly venv: string;
  /** The files of the case, with the model. */
  readonly files: string;
  /** An empty folder. */
  readonly scratch: string;
}

const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'modelwhisk/servers');

export function environmentOf({ name }: ServerCase): ServerEnvironment {
  const folder = join(cache, name);
  return { venv: join(folder, 'venv'), files: join(folder, 'files'), scratch: join(folder, 'scratch') };
}

/** A PATH that has the programs of a venv first. */
export function withPrograms(venv: string): string {
  return `${join(venv, 'bin')}:${process.env['PATH'] ?? ''}`;
}

/**
 * Installs the server and makes its model, unless both are there from an earlier run with the same packages and files.
 * Rejects with the last output of the failed command.
 */
export async function prepareEnvironment(server: ServerCase, say: (line: string) => void): Promise<void> {
  const { venv, files, scratch } = environmentOf(server);
  const { debian, python } = server;
  if (debian !== undefined && (await execa('sh', ['-c', debian.check], { reject: false })).exitCode !== 0) {
    throw new Error(`run apt-get install --no-install-recommends ${debian.packages} first`);
  }
  await mkdir(scratch, { recursive: true });
  await unlessDone(join(venv, '.packages'), server.packages.join('\n'), async () => {
    say(`installing ${server.packages.join(', ')} …`);
    await rm(venv, { recursive: true, force: true });
    await (python === undefined
      ? execa('python3', ['-m', 'venv', venv])
      : execa(python, ['-m', 'venv', '--system-site-packages', venv]));
    const pip = [join(venv, 'bin/pip'), 'install', '--quiet', '--prefer-binary', ...server.packages];
    await execa('nice', ['-n', '10', ...pip], { all: true });
  });
  const source = join(import.meta.dirname, server.name);
  await unlessDone(join(files, '.source'), await contentOf(source, server), async () => {
    await rm(files, { recursive: true, force: true });
    await cp(source, files, { recursive: true, filter: (path) => !path.endsWith('.ts') });
    if (server.prepare === undefined) return;
    say(`making the model: ${server.prepare}`);
    await execa('sh', ['-c', server.prepare], { cwd: files, env: { PATH: withPrograms(venv) }, all: true });
  });
}

export async function removeEnvironment({ name }: ServerCase): Promise<void> {
  await rm(join(cache, name), { recursive: true, force: true });
}

/** Does the work, and writes a note that it was done for this content. */
async function unlessDone(note: string, content: string, work: () => Promise<void>): Promise<void> {
  const before = await readFile(note, 'utf8').catch(() => undefined);
  if (before?.trim() === content.trim()) return;
  await work();
  await writeFile(note, content);
}

/** The content from which the model is made. */
async function contentOf(folder: string, { packages, prepare = '' }: ServerCase): Promise<string> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.\w+$/.test(name)).toSorted();
  const texts = await Promise.all(names.map(async (name) => readFile(join(folder, name), 'utf8')));
  return [...packages, prepare, ...names.map((name, index) => `${name}\n${texts[index] ?? ''}`)].join('\n');
}
