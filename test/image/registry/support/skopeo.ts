import { execa } from 'execa';

/** What skopeo makes of an image; rejects with what it printed when it refuses the image. */
export async function skopeoInspect(reference: string, ...flags: string[]): Promise<unknown> {
  const { stdout } = await execa('skopeo', ['inspect', '--tls-verify=false', ...flags, `docker://${reference}`]);
  return JSON.parse(stdout);
}
