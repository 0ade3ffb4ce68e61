import { execa } from 'execa';

/** The output of skopeo inspect. Rejects with its error if it refuses the image. */
export async function skopeoInspect(reference: string, ...flags: string[]): Promise<unknown> {
  const { stdout } = await execa('skopeo', ['inspect', '--tls-verify=false', ...flags, `docker://${reference}`]);
  return JSON.parse(stdout);
}
