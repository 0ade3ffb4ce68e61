import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docker } from './docker.ts';

/**
 * Makes a model image that contains only a statically linked web server (Debian package busybox-static) and its files:
 * no C library, no shell, no loader. It listens on port 5000 and answers `GET /model/labels`.
 */
export async function makeStaticImage(name: string): Promise<void> {
  await withFolder(async (folder) => {
    await mkdir(join(folder, 'www/model'), { recursive: true });
    await copyFile('/bin/busybox', join(folder, 'httpd'));
    await writeFile(join(folder, 'www/model/labels'), JSON.stringify({ labels: ['yes', 'no'] }));
    await writeFile(
      join(folder, 'Dockerfile'),
      `FROM scratch
COPY httpd /httpd
COPY www /www
ENV LD_PRELOAD=/opt/model/preload.so MODEL_NAME="it's \\"static\\" \\$1"
LABEL maintainer=someone
EXPOSE 5000
USER 4321
WORKDIR /www
ENTRYPOINT ["/httpd", "httpd"]
CMD ["-f", "-p", "5000", "-h", "/www"]
`,
    );
    await docker('build', '--quiet', '--tag', name, folder);
  });
}

/** Makes a model image of an app that reports the version of its base's Node.js. */
export async function makeNodeAppImage(name: string, nodeImage: string): Promise<void> {
  await withFolder(async (folder) => {
    await writeFile(
      join(folder, 'app.mjs'),
      `export function app(_request, response) {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ node: process.execPath, options: process.env.NODE_OPTIONS }));
}
`,
    );
    await writeFile(
      join(folder, 'Dockerfile'),
      `FROM ${nodeImage}
WORKDIR /app
COPY app.mjs ./
ENV NODE_OPTIONS=--max-old-space-size=256
USER node
CMD ["node", "serve.mjs"]
`,
    );
    await docker('build', '--quiet', '--tag', name, folder);
  });
}

/** Makes an image from the lines of a Dockerfile. */
export async function makeImage(name: string, lines: readonly string[]): Promise<void> {
  await withFolder(async (folder) => {
    await writeFile(join(folder, 'Dockerfile'), `${lines.join('\n')}\n`);
    await docker('build', '--quiet', '--tag', name, folder);
  });
}

/** Pushes an image and removes it from the engine, so that it must be pulled. */
export async function moveToRegistry(name: string): Promise<void> {
  await docker('push', '--quiet', name);
  await docker('image', 'rm', name);
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-image-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
