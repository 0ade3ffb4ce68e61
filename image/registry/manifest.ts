import * as z from 'zod';

import type { Content } from './digest.ts';
import { RegistryError } from './errors.ts';
import { parseJson } from './json.ts';
import { docker, oci } from './media-types.ts';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'a sha256 digest');
const descriptor = z.looseObject({
  mediaType: z.string(),
  digest,
  size: z.int().nonnegative(),
  urls: z.array(z.string()).optional(),
});
const platform = z.looseObject({
  os: z.string().default(''),
  architecture: z.string().default(''),
  variant: z.string().optional(),
});
const imageManifest = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  config: descriptor,
  layers: z.array(descriptor),
});
const imageIndex = z.looseObject({
  schemaVersion: z.literal(2),
  manifests: z.array(
    descriptor.extend({ platform: platform.nullish(), annotations: z.record(z.string(), z.string()).nullish() }),
  ),
});

/** A manifest exactly as the registry sent it; its digest is that of these bytes. */
export interface RawManifest extends Content {
  readonly bytes: Buffer;
  /** Content-Type without parameters; "" where there was none. */
  readonly contentType: string;
}

/** A content descriptor; fields not named in the specification are kept. */
export type Descriptor = z.infer<typeof descriptor>;
/** An image manifest, Docker's or OCI's; fields not named here are kept. */
export type ImageManifest = z.infer<typeof imageManifest>;
export type ImageIndex = z.infer<typeof imageIndex>;

/** A parsed manifest. `mediaType` is set even if the body does not state it. */
export type ParsedManifest =
  | { readonly kind: 'image'; readonly mediaType: string; readonly manifest: ImageManifest }
  | { readonly kind: 'index'; readonly mediaType: string; readonly index: ImageIndex };

/**
 * Parses a manifest by Content-Type, else by its own mediaType, else by its shape: OCI manifests may lack a mediaType
 * (GoogleContainerTools/jib issue 2819). Throws RegistryError REGISTRY_UNSUPPORTED for schema 1 and other kinds.
 *
 * @param name for messages
 */
export function parseManifest(raw: RawManifest, name: string): ParsedManifest {
  const body = parseJson(raw.bytes.toString('utf8'));
  if (body === undefined) {
    const type = raw.contentType === '' ? '' : ` but ${raw.contentType}`;
    throw new RegistryError(
      'REGISTRY_UNSUPPORTED',
      `${name} is not a container image: its manifest is not JSON${type}`,
      {
        hint: 'check the name, and that no login page or proxy answers in the place of the registry',
      },
    );
  }
  const stated = z.looseObject({ schemaVersion: z.unknown(), mediaType: z.string().optional() }).safeParse(body).data;
  if (stated?.schemaVersion === 1 || raw.contentType.includes('distribution.manifest.v1+')) {
    throw new RegistryError('REGISTRY_UNSUPPORTED', `${name} has a manifest of schema 1, which was given up in 2017`, {
      hint: 'bring it up to date once: docker pull, then docker push to a registry of yours, and use that',
    });
  }
  const type = knownTypes.has(raw.contentType) ? raw.contentType : (stated?.mediaType ?? '');
  const index = imageIndex.safeParse(body);
  if (index.success && type !== docker.manifest && type !== oci.manifest) {
    return { kind: 'index', mediaType: type === docker.index ? type : oci.index, index: index.data };
  }
  const image = imageManifest.safeParse(body);
  if (!image.success) throw malformed(name, image.error);
  const mediaType = type === docker.manifest || type === oci.manifest ? type : familyOf(image.data);
  return { kind: 'image', mediaType, manifest: image.data };
}

const knownTypes = new Set<string>([docker.manifest, docker.index, oci.manifest, oci.index]);

function familyOf({ config }: ImageManifest): string {
  return config.mediaType === docker.config ? docker.manifest : oci.manifest;
}

function malformed(name: string, error: z.ZodError): RegistryError {
  const [issue] = error.issues;
  const key = issue === undefined || issue.path.length === 0 ? 'manifest' : issue.path.join('.');
  const where = issue === undefined ? '' : ` (${key}: ${issue.message})`;
  return new RegistryError('REGISTRY_UNSUPPORTED', `${name} is not a container image${where}`, {
    hint: 'modelwhisk takes Docker and OCI images',
  });
}
