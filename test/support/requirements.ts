import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Digits that were held out of training. They may not be published, so they lie beside the checkout, not in it. */
export const heldOutDigits = join(import.meta.dirname, '../../../shared/data/mnist-train');

/** What slow tests need besides Node.js, npm and git, and how to check for it. */
const probes = {
  'a Docker engine': () => succeeds('docker', 'version'),
  docker: () => isOnPath('docker'),
  'docker-registry': () => isOnPath('docker-registry'),
  skopeo: () => isOnPath('skopeo'),
  'qemu-aarch64-static': () => isOnPath('qemu-aarch64-static'),
  debootstrap: () => isOnPath('debootstrap'),
  busybox: () => isOnPath('busybox'),
  curl: () => isOnPath('curl'),
  openssl: () => isOnPath('openssl'),
  ps: () => isOnPath('ps'),
  tar: () => isOnPath('tar'),
  script: () => isOnPath('script'),
  ldd: () => isOnPath('ldd'),
  dnsmasq: () => isOnPath('dnsmasq'),
  go: () => isOnPath('go'),
  python3: () => isOnPath('python3'),
  'aws-lambda-rie': () => isOnPath('aws-lambda-rie'),
  'the right to mount (root, and unshare of util-linux)': () =>
    succeeds('unshare', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/tmp'),
  'the held-out digits in ../shared/data': () => existsSync(heldOutDigits),
} as const satisfies Record<string, () => boolean>;

export type Requirement = keyof typeof probes;

/** What only the project's own machines have. It may be missing in CI. */
const optional: ReadonlySet<Requirement> = new Set(['the held-out digits in ../shared/data']);

/**
 * Whether this machine lacks something that a test needs, so that the test must be skipped. The reporter lists skipped
 * tests at the end of the run.
 *
 * @throws in CI, where `.ci/run` installs everything and nothing may be skipped
 */
export function lacks(...needs: readonly Requirement[]): boolean {
  const missing = needs.filter((need) => !probes[need]());
  const errors = missing.filter((need) => !optional.has(need));
  if (errors.length > 0 && process.env['CI']) {
    throw new Error(`nothing may be skipped in CI, but this machine lacks: ${errors.join(', ')}`);
  }
  return missing.length > 0;
}

/** Whether this machine lacks something that is optional in CI too. */
export function lacksOptional(): boolean {
  return [...optional].some((need) => !probes[need]());
}

/** Everything that slow tests need and this machine lacks. */
export function missingRequirements(): readonly Requirement[] {
  return (Object.keys(probes) as Requirement[]).filter((need) => !probes[need]());
}

/** The path of a program on the PATH. Undefined if it is missing. */
export function programPath(name: string): string | undefined {
  const candidates = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function isOnPath(program: string): boolean {
  return programPath(program) !== undefined;
}

function succeeds(program: string, ...words: readonly string[]): boolean {
  return spawnSync(program, words, { stdio: 'ignore' }).status === 0;
}
