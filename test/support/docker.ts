import { execa } from 'execa';

/** Runs docker and returns its output. */
export async function docker(...words: readonly string[]): Promise<string> {
  const { stdout } = await execa('docker', words, { env: { DOCKER_BUILDKIT: process.env['DOCKER_BUILDKIT'] ?? '0' } });
  return stdout;
}

/** Digests of an image's uncompressed layers, bottom layer first. */
export async function diffIds(image: string): Promise<readonly string[]> {
  return JSON.parse(await docker('image', 'inspect', '--format', '{{json .RootFS.Layers}}', image)) as string[];
}

/** An image's configuration as docker shows it. */
export async function imageConfiguration(image: string): Promise<Readonly<Record<string, unknown>>> {
  return JSON.parse(await docker('image', 'inspect', '--format', '{{json .Config}}', image)) as Record<string, unknown>;
}

/** Removes every image of a registry by all its names. */
export async function removeImagesOf(host: string): Promise<void> {
  const images = await docker(
    'image',
    'ls',
    '--digests',
    '--format',
    '{{.Repository}}:{{.Tag}}@{{.Digest}}',
    '--filter',
    `reference=${host}/*/*`,
  );
  const names = images
    .split('\n')
    // One that lost its tag to a newer image has only its digest.
    .map((name) => (name.includes(':<none>@') ? name.replace(':<none>@', '@') : name.replace(/@[^@]*$/, '')))
    .filter((name) => name !== '' && !name.endsWith('@<none>'));
  if (names.length > 0) await docker('image', 'rm', '--force', ...names);
}
