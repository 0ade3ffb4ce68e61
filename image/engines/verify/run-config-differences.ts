import type { ImageConfig } from '../../registry/image.ts';
import { jsonDifferences } from './json-differences.ts';

/**
 * The settings by which two images would run differently, one line each. Docker's records of a build (dates, history,
 * the container in which it was made) do not count. A setting that is missing, null or empty is the same.
 */
export function runConfigDifferences(actual: ImageConfig, expected: ImageConfig): readonly string[] {
  const [found, wanted] = [settingsOf(actual), settingsOf(expected)];
  if (!hasPath(wanted)) found['Env'] = variablesOf(found).filter((variable) => variable !== addedPath);
  // Docker drops what it does not know.
  for (const key of Object.keys(wanted)) if (!known.has(key) && found[key] === undefined) delete wanted[key];
  return [
    ...jsonDifferences(platformOf(actual), platformOf(expected)),
    ...jsonDifferences(withoutEmpty(found), withoutEmpty(wanted), ['config']),
  ];
}

/** Those of the Docker engine and of the OCI image specification 1.1 that change how a container runs. */
const known = new Set([
  'Cmd',
  'Entrypoint',
  'Env',
  'ExposedPorts',
  'Healthcheck',
  'Labels',
  'OnBuild',
  'Shell',
  'StopSignal',
  'StopTimeout',
  'User',
  'Volumes',
  'WorkingDir',
]);

/** Of the container that a layer was made in; none is passed on to a container of the image. */
const records = new Set([
  'ArgsEscaped',
  'AttachStderr',
  'AttachStdin',
  'AttachStdout',
  'Domainname',
  'Hostname',
  'Image',
  'MacAddress',
  'OpenStdin',
  'StdinOnce',
  'Tty',
]);

/** What Docker gives an image that has no PATH, as soon as a Dockerfile begins with it. */
export const addedPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

type Settings = Record<string, unknown>;

function settingsOf({ config }: ImageConfig): Settings {
  return Object.fromEntries(Object.entries(config ?? {}).filter(([key]) => !records.has(key)));
}

function variablesOf({ Env: variables }: Settings): readonly unknown[] {
  return Array.isArray(variables) ? variables : [];
}

function hasPath(settings: Settings): boolean {
  return variablesOf(settings).some((variable) => String(variable).startsWith('PATH='));
}

function withoutEmpty(settings: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function platformOf({ os, architecture }: ImageConfig): Settings {
  return { os, architecture };
}
