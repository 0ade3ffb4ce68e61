import * as z from 'zod';
import { ConfigurationError } from '../../core/errors.ts';
import { archive, type ModelRow } from '../../core/row.ts';

/** A model that is kept outside its image. */
export interface Archive {
  /** http, https or s3. */
  readonly url: string;
  /** In hexadecimal. */
  readonly sha256: string;
  /** Environment variable that tells the model server the directory. */
  readonly variable: string;
  /** Limits both the archive and the tar inside it. */
  readonly maximumBytes: number;
}

const { url, sha256, variable } = archive.shape;

/** `MODELWHISK_ARCHIVE` takes the place of the row's archive; the others belong to it. */
export const archiveSettings = {
  MODELWHISK_ARCHIVE: url.optional(),
  MODELWHISK_ARCHIVE_SHA256: sha256.optional(),
  MODELWHISK_ARCHIVE_VARIABLE: variable.unwrap().optional(),
  MODELWHISK_ARCHIVE_MAX_BYTES: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, 'a whole number of bytes')
    .transform(Number)
    .default(2 * 1024 ** 3),
} as const;

/**
 * The archive that the settings name, or else the row.
 *
 * @throws ConfigurationError for an archive without a SHA-256, or a SHA-256 without an archive
 */
export function chooseArchive(
  row: ModelRow,
  read: <Schema extends z.ZodType>(name: string, schema: Schema) => z.output<Schema>,
): Archive | undefined {
  const named = read('MODELWHISK_ARCHIVE', archiveSettings.MODELWHISK_ARCHIVE);
  const hash = read('MODELWHISK_ARCHIVE_SHA256', archiveSettings.MODELWHISK_ARCHIVE_SHA256);
  const told = read('MODELWHISK_ARCHIVE_VARIABLE', archiveSettings.MODELWHISK_ARCHIVE_VARIABLE);
  const maximumBytes = read('MODELWHISK_ARCHIVE_MAX_BYTES', archiveSettings.MODELWHISK_ARCHIVE_MAX_BYTES);
  if (named === undefined && hash !== undefined) {
    throw new ConfigurationError('MODELWHISK_ARCHIVE', named, 'the URL of the archive with MODELWHISK_ARCHIVE_SHA256');
  }
  if (named !== undefined && hash === undefined) {
    throw new ConfigurationError('MODELWHISK_ARCHIVE_SHA256', hash, 'the SHA-256 of the archive MODELWHISK_ARCHIVE');
  }
  const chosen = named === undefined || hash === undefined ? row.archive : { url: named, sha256: hash };
  if (chosen === undefined) return undefined;
  return Object.freeze({ ...chosen, variable: told ?? row.archive?.variable ?? 'MODEL_DIR', maximumBytes });
}
