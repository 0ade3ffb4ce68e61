/** Patterns for the parts of an archive, by their key in a row. The settings `MODELWHISK_ARCHIVE…` use them as well. */
export const archivePatterns = {
  url: /^(https?|s3):\/\/\S+$/i,
  sha256: /^[0-9a-f]{64}$/i,
  variable: /^(?!MODELWHISK_|LD_|NODE_OPTIONS$|AWS_|__OW_)[A-Za-z_][A-Za-z0-9_]*$/,
} as const;

/** The same patterns in words. They complete "expected …". */
export const archiveExpectations = {
  url: 'the URL of a .tar or .tar.gz, https:// or s3://bucket/key',
  sha256: 'the SHA-256 of the archive, 64 hexadecimal digits',
  variable: 'the name of an environment variable that the model server may see',
} as const;
