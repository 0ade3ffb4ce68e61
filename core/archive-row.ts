import * as z from 'zod';
import { archiveExpectations, archivePatterns } from './archive-patterns.ts';

/** A model that is kept outside its image. The settings MODELWHISK_ARCHIVE… override it. */
export const archive = z.strictObject({
  url: z
    .string()
    .regex(archivePatterns.url, archiveExpectations.url)
    .describe('A .tar or .tar.gz, by https:// or s3://bucket/key'),
  sha256: z
    .string()
    .regex(archivePatterns.sha256, archiveExpectations.sha256)
    .describe('SHA-256 of the archive, in hexadecimal; any other archive is refused'),
  variable: z
    .string()
    .regex(archivePatterns.variable, archiveExpectations.variable)
    .default('MODEL_DIR')
    .describe('Environment variable in which the model server finds the directory'),
});
