import { spawnSync } from 'node:child_process';

/** What skopeo makes of an image; throws what it printed when it refuses the image. */
export function skopeoInspect(reference: string, ...flags: string[]): unknown {
  const words = ['inspect', '--tls-verify=false', ...flags, `docker://${reference}`];
  const { status, stdout, stderr } = spawnSync('skopeo', words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
