import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createTarDecoder, type TarHeader } from 'modern-tar';
import * as z from 'zod';
import { messageOf, ModelwhiskError } from '../../../core/errors.ts';
import { parseImageConfig } from '../../registry/image.ts';
import { parseJson } from '../../registry/json.ts';
import type { StoredImage } from './stored-image.ts';

/**
 * The one image in a tar as `docker save`, `podman save` and `--output docker-archive:FILE` write it. It is read twice:
 * what names the layers may come after them.
 *
 * @param name for messages
 * @throws ModelwhiskError code `IMAGE_FILES` where the file is not such a tar
 */
export async function dockerArchiveImage(file: string, name: string, platform: string): Promise<StoredImage> {
  const { documents, links } = await readDocuments(file);
  const manifest = archiveManifest.safeParse(parseJson(documents.get('manifest.json')?.toString('utf8') ?? ''));
  if (!manifest.success) throw refused(file, 'it has no manifest.json that names one image');
  const [{ Config, Layers }] = manifest.data;
  const config = documents.get(posix.normalize(Config));
  if (config === undefined) throw refused(file, `it lacks ${Config}, the configuration of its image`);
  return {
    name,
    manifest: undefined,
    config: parseImageConfig(config, name, platform),
    layers: Layers.map((path) => ({ key: resolve(path, links), digest: undefined, isHere: true })),
    mustBeRead: true,
    async read(keys, visit) {
      const wanted = new Set(keys);
      for await (const { path, body } of entriesOf(file)) {
        if (wanted.has(path)) await visit(path, Readable.from(body));
        else await drain(body);
      }
    },
  };
}

const archiveManifest = z.tuple([z.looseObject({ Config: z.string(), Layers: z.array(z.string()) })]);

interface Documents {
  /** Every small file that looks like JSON, by its path. */
  readonly documents: ReadonlyMap<string, Buffer>;
  /** Docker writes a layer that is there twice as a link. */
  readonly links: ReadonlyMap<string, string>;
}

async function readDocuments(file: string): Promise<Documents> {
  const documents = new Map<string, Buffer>();
  const links = new Map<string, string>();
  for await (const { path, header, body } of entriesOf(file)) {
    const { size, type, linkname = '' } = header;
    if (type === 'symlink') links.set(path, posix.join(posix.dirname(path), linkname));
    if (type === 'link') links.set(path, posix.normalize(linkname));
    if (size > documentLimit) {
      await drain(body);
      continue;
    }
    const bytes = await buffer(body);
    if (/^[[{]/.test(bytes.toString('latin1', 0, 1))) documents.set(path, bytes);
  }
  return { documents, links };
}

/** As for the configuration of an image in a registry. */
const documentLimit = 8 * 1024 * 1024;

interface ArchiveEntry {
  readonly path: string;
  readonly header: TarHeader;
  readonly body: ReadableStream<Uint8Array>;
}

async function* entriesOf(file: string): AsyncGenerator<ArchiveEntry> {
  const tar = ReadableStream.from<Uint8Array>(createReadStream(file));
  const entries = tar.pipeThrough(createTarDecoder({ strict: true }))[Symbol.asyncIterator]();
  try {
    for (let next = await entries.next(); next.done !== true; next = await entries.next()) {
      const { header, body } = next.value;
      yield { path: posix.normalize(header.name), header, body };
    }
  } catch (cause) {
    throw refused(file, messageOf(cause), cause);
  }
}

async function drain(body: ReadableStream<Uint8Array>): Promise<void> {
  await body.pipeTo(new WritableStream());
}

function resolve(path: string, links: ReadonlyMap<string, string>): string {
  const normal = posix.normalize(path);
  return links.get(normal) ?? normal;
}

function refused(file: string, reason: string, cause?: unknown): ModelwhiskError {
  const problem = `${file} is not an archive of one image as docker save writes it: ${reason}`;
  return new ModelwhiskError('IMAGE_FILES', problem, {
    hint: 'name one that build.ts or docker save has written',
    cause,
  });
}
