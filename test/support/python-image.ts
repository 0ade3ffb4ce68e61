import { existsSync } from 'node:fs';
import { readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { importDebianImage } from './debian-image.ts';

/**
 * Makes an image that stands for docker.io/library/python:3.11-slim-bookworm, which cannot be pulled here: Debian 12
 * with Debian's Python 3.11 and pip. As in the official image, `python` and `pip` are on the PATH, pip may install for
 * the whole system, and there is no entrypoint. It trusts the same certificate authorities as this machine, so that pip
 * reaches PyPI.
 */
export async function importPythonImage(name: string): Promise<void> {
  const image = {
    name: 'python',
    version: '1',
    packages: ['ca-certificates', 'python3', 'python3-pip'],
    files: existsSync(`/${authoritiesPath}`) ? { [authoritiesPath]: await readFile(`/${authoritiesPath}`) } : {},
    complete: likeTheOfficialImage,
    environment: {},
    configuration: ['CMD ["python3"]'],
  };
  await importDebianImage(image, name);
}

async function likeTheOfficialImage(root: string): Promise<void> {
  await symlink('/usr/bin/python3', join(root, 'usr/local/bin/python'));
  await rm(join(root, 'usr/lib/python3.11/EXTERNALLY-MANAGED'));
}

const authoritiesPath = 'etc/ssl/certs/ca-certificates.crt';
