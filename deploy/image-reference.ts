import { formatReference, parseReference } from '../image/registry/reference.ts';
import type { DeployRequest, Step } from './deployment.ts';
import { commandLine } from '../core/shell.ts';

/** The image with its registry and tag written out, for platforms with a default of their own. */
export function fullReference(image: string): string {
  return formatReference(parseReference(image));
}

/** Host of the image's registry, "docker.io" for Docker Hub. */
export function registryOf(image: string): string {
  return parseReference(image).registry;
}

/** `build.ts copy` to a registry that the platform can read. @param login shell words that go before, with a blank */
export function copyStep({ image, insecure }: DeployRequest, target: string, login = ''): Step {
  const host = registryOf(image);
  const plainHttp = insecure.includes(host) ? ['--insecure', host] : [];
  return { command: `${login}${commandLine(['./build.ts', 'copy', image, target, ...plainHttp])}` };
}

/** `NAME:TAG` under which a copy is stored. */
export function nameAndTag({ row, image }: DeployRequest): string {
  return `${row.name}:${parseReference(image).tag ?? 'latest'}`;
}

/** The row's name where only lower case letters, digits and dashes are taken, the first one a letter. */
export function dnsName({ row }: DeployRequest, maximum: number): string {
  const name = row.name.replaceAll(/[^a-z0-9]+/g, '-');
  return (/^[a-z]/.test(name) ? name : `model-${name}`).slice(0, maximum).replace(/-$/, '');
}
