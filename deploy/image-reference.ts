import { commandLine } from '../core/shell.ts';
import { shortReference } from '../core/reference.ts';
import type { DeployRequest, Step } from './deployment.ts';

/** Copies the image to a registry that the platform can read. @param login variables for `copy`, with a space after */
export function copyStep({ image, insecure, program }: DeployRequest, target: string, login = ''): Step {
  const plainHttp = insecure.includes(image.registry) ? ['--insecure', image.registry] : [];
  return { command: `${login}${program} ${commandLine(['copy', shortReference(image), target, ...plainHttp])}` };
}

/** `NAME:TAG` of the copy. */
export function nameAndTag({ row, image }: DeployRequest): string {
  return `${row.name}:${image.tag}`;
}

/** The row's name with only lower case letters, digits and dashes, starting with a letter. */
export function dnsName({ row }: DeployRequest, maximum: number): string {
  const name = row.name.replaceAll(/[^a-z0-9]+/g, '-');
  return (/^[a-z]/.test(name) ? name : `model-${name}`).slice(0, maximum).replace(/-$/, '');
}
