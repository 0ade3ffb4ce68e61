import { archiveExpectations as expectations, archivePatterns as patterns } from '../../core/archive-patterns.ts';
import { ConfigurationError } from '../../core/errors.ts';
import type { ModelRow } from '../../core/row.ts';
import { type Environment, readText, readWholeNumber, type Setting } from '../../core/settings.ts';

/** A model that is kept outside its image. */
export interface Archive {
  /** http, https or s3. */
  readonly url: string;
  /** In hexadecimal. */
  readonly sha256: string;
  /** The environment variable in which the model server finds the directory. */
  readonly variable: string;
  /** Limits both the archive and the tar inside it. */
  readonly maximumBytes: number;
}

export const archiveSettings: readonly Setting[] = [
  {
    name: 'MODELWHISK_ARCHIVE',
    meaning: '`https://` or `s3://` URL of a `.tar` or `.tar.gz` with the model.',
    otherwise: "the row's `archive`",
  },
  { name: 'MODELWHISK_ARCHIVE_SHA256', meaning: 'Its SHA-256, in hexadecimal.', otherwise: "the row's `archive`" },
  {
    name: 'MODELWHISK_ARCHIVE_VARIABLE',
    meaning: 'Environment variable in which the model server finds the directory.',
    default: 'MODEL_DIR',
  },
  {
    name: 'MODELWHISK_ARCHIVE_MAX_BYTES',
    meaning: 'Largest size of the archive, and of its unpacked content, in bytes.',
    default: '2147483648',
  },
];

/**
 * The archive of the settings `MODELWHISK_ARCHIVE…`, or else of the row. Undefined if neither names an archive.
 *
 * @throws ConfigurationError for a malformed setting, an archive without a SHA-256, and a SHA-256 without an archive
 */
export function chooseArchive(row: ModelRow, environment: Environment): Archive | undefined {
  const named = readText(environment, 'MODELWHISK_ARCHIVE', patterns.url, expectations.url);
  const hash = readText(environment, 'MODELWHISK_ARCHIVE_SHA256', patterns.sha256, expectations.sha256);
  const maximumBytes =
    readWholeNumber(environment, 'MODELWHISK_ARCHIVE_MAX_BYTES', 'a whole number of bytes', {
      least: 1,
      most: 999_999_999_999_999,
    }) ?? 2 * 1024 ** 3;
  if (named === undefined && hash !== undefined) {
    throw new ConfigurationError('MODELWHISK_ARCHIVE', named, 'the URL of the archive with MODELWHISK_ARCHIVE_SHA256');
  }
  if (named !== undefined && hash === undefined) {
    throw new ConfigurationError('MODELWHISK_ARCHIVE_SHA256', hash, 'the SHA-256 of the archive MODELWHISK_ARCHIVE');
  }
  const chosen = named === undefined || hash === undefined ? row.archive : { url: named, sha256: hash };
  if (chosen === undefined) return undefined;
  return Object.freeze({ ...chosen, variable: readModelVariable(row, environment), maximumBytes });
}

/**
 * The environment variable that tells the model server the directory of a model outside of its image.
 *
 * @throws ConfigurationError
 */
export function readModelVariable(row: ModelRow, environment: Environment): string {
  const told = readText(environment, 'MODELWHISK_ARCHIVE_VARIABLE', patterns.variable, expectations.variable);
  return told ?? row.archive?.variable ?? 'MODEL_DIR';
}
