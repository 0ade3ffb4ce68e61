import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** What the program got when it was called. */
export interface DockerCall {
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The text of its --env-file, and who may read it: 0o600 is its owner. */
  readonly file?: { readonly text: string; readonly mode: number };
}

export interface FakeDocker {
  /** Has the folder of the program in front. */
  readonly path: string;
  calls(): Promise<readonly DockerCall[]>;
  remove(): Promise<void>;
}

/**
 * Puts a program into a folder that stands for the docker command line tool, and records its calls.
 *
 * @param behaviour JavaScript that runs in it: `command` is the first word, `state` a file for its own use
 */
export async function makeFakeDocker(behaviour: string): Promise<FakeDocker> {
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-docker-'));
  const program = `#!${process.execPath}
const { appendFileSync, readFileSync, statSync, writeFileSync } = require('node:fs');
const [, , ...words] = process.argv;
const path = words.find((word) => word.startsWith('--env-file='))?.slice('--env-file='.length);
const file = path && { text: readFileSync(path, 'utf8'), mode: statSync(path).mode & 0o777 };
appendFileSync(__dirname + '/calls', JSON.stringify({ words, environment: process.env, file }) + '\\n');
const command = words[0];
const state = __dirname + '/state';
${behaviour}
`;
  await writeFile(join(folder, 'docker'), program);
  await chmod(join(folder, 'docker'), 0o755);
  return {
    path: `${folder}${delimiter}${process.env['PATH'] ?? ''}`,
    calls: async () => {
      const lines = (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');
      return lines.map((line) => JSON.parse(line) as DockerCall);
    },
    remove: async () => rm(folder, { recursive: true }),
  };
}
