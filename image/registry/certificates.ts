import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';

import { ModelwhiskError, codeOf } from '../../core/errors.ts';
import type { Environment } from '../../core/settings.ts';

/** Certificates for TLS connections to one host, in addition to those that Node.js trusts. */
export interface Certificates {
  /** Authorities, including Node's own: they replace its list. */
  readonly ca?: string[];
  /** Certificates of this client, and their keys. */
  readonly cert?: string[];
  readonly key?: string[];
}

/**
 * Reads what Docker and podman keep for a registry: in `certs.d/HOST` or `certs.d/HOST:PORT`, every `*.crt` is an
 * authority to trust, and `NAME.cert` with `NAME.key` is a certificate to show
 * (docs.docker.com/engine/security/certificates). The folders are `$DOCKER_CONFIG/certs.d`, those of rootless Docker
 * and podman below `$XDG_CONFIG_HOME`, `/etc/docker/certs.d` and `/etc/containers/certs.d`.
 *
 * @param host as in the registry's name, with its port where it has one
 * @returns undefined where there is nothing for this host
 */
export async function readCertificates(host: string, environment: Environment): Promise<Certificates | undefined> {
  const found = await Promise.all(folders(environment).map(async (folder) => readFolder(join(folder, host))));
  const files = found.flat();
  if (files.length === 0) return undefined;
  const withEnding = (ending: string): string[] =>
    files.filter(({ name }) => name.endsWith(ending)).map(({ content }) => content);
  const [authorities, cert, key] = [withEnding('.crt'), withEnding('.cert'), withEnding('.key')];
  return {
    ...(authorities.length > 0 && { ca: [...(await usualAuthorities(environment)), ...authorities] }),
    ...(cert.length > 0 && { cert, key }),
  };
}

function folders({ HOME, DOCKER_CONFIG, XDG_CONFIG_HOME }: Environment): readonly string[] {
  const home = HOME ?? homedir();
  const config = XDG_CONFIG_HOME || join(home, '.config');
  return [
    join(DOCKER_CONFIG || join(home, '.docker'), 'certs.d'),
    join(config, 'docker/certs.d'),
    join(config, 'containers/certs.d'),
    '/etc/docker/certs.d',
    '/etc/containers/certs.d',
  ];
}

interface File {
  readonly name: string;
  readonly content: string;
}

async function readFolder(folder: string): Promise<readonly File[]> {
  const names = await readdir(folder).catch(() => []);
  const wanted = names.filter((name) => /\.(crt|cert|key)$/.test(name)).toSorted();
  return Promise.all(
    wanted.map(async (name) => {
      const path = join(folder, name);
      try {
        return { name, content: await readFile(path, 'utf8') };
      } catch (cause) {
        throw new ModelwhiskError('CONFIGURATION', `${path} cannot be read (${String(codeOf(cause))})`, {
          cause,
          hint: 'let this user read it, or remove it',
        });
      }
    }),
  );
}

/** Node.js ignores both if it is given a list of authorities. */
async function usualAuthorities({ NODE_EXTRA_CA_CERTS: extra }: Environment): Promise<readonly string[]> {
  const more = extra ? await readFile(extra, 'utf8').catch(() => '') : '';
  return more === '' ? tls.rootCertificates : [...tls.rootCertificates, more];
}
