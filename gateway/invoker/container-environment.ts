import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How `docker run` gets the variables of its container. */
export interface ContainerEnvironment {
  /** Options of `docker run`. They contain no values, because every user of the machine sees them in `ps`. */
  readonly options: readonly string[];
  /** Variables that the docker process itself needs in its environment. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Calls `run` with the options that give a container these variables. They are valid until `run` settles; docker reads
 * them when it starts. The values are in docker's own environment, except those that would change docker itself: they
 * are in a file that only this user can read. Not all values are in the file, because it holds no line breaks, and a
 * docker installed by snap cannot read it.
 */
export async function withContainerEnvironment<T>(
  variables: Readonly<Record<string, string>>,
  run: (environment: ContainerEnvironment) => Promise<T>,
): Promise<T> {
  const all = Object.entries(variables);
  const inFile = all.filter(([name]) => usedByDocker.test(name));
  const others = all.filter(([name]) => !usedByDocker.test(name));
  const passed = { options: others.map(([name]) => `--env=${name}`), variables: Object.fromEntries(others) };
  if (inFile.length === 0) return run(passed);
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-env-'));
  try {
    const file = join(folder, 'variables');
    await writeFile(file, inFile.map(([name, value]) => `${name}=${value}\n`).join(''), { mode: 0o600 });
    return await run({ ...passed, options: [`--env-file=${file}`, ...passed.options] });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Variables that docker, its plugins, or the system's loader read for themselves (docs.docker.com: the docker CLI). */
const usedByDocker =
  /^(?:PATH|PATHEXT|HOME|USERPROFILE|SYSTEMROOT|TMPDIR|TMP|TEMP|LD_\w+|DYLD_\w+|GO\w+|XDG_\w+|SSH_\w+|SSL_CERT_\w+|\w+_PROXY|(?:DOCKER|BUILDX|BUILDKIT|OTEL)_\w+)$/i;
