import * as z from 'zod';
import { ModelwhiskError } from '../../../core/errors.ts';
import { modelRow, type ModelRow } from '../../../core/row.ts';
import type { ImageConfig } from '../../registry/image.ts';
import { parseJson } from '../../registry/json.ts';
import { adapterImageLabels } from '../adapter-image.ts';

/** What an image was made from, according to itself. */
export type Origin =
  | { readonly kind: 'model'; readonly base: NamedBase; readonly row: ModelRow }
  /** It holds nothing but the adapter. */
  | { readonly kind: 'adapter' };

export interface NamedBase {
  readonly name: string;
  /** Undefined for an image that was not in a registry. */
  readonly digest: string | undefined;
}

/** @throws ModelwhiskError code `VERIFY` where it says too little */
export function readOrigin({ config }: ImageConfig, name: string): Origin {
  const { data } = runConfig.safeParse(config);
  const variable = data?.Env?.find((entry) => entry.startsWith(modelVariable))?.slice(modelVariable.length);
  const row = modelRow.safeParse(parseJson(variable ?? ''));
  const base = data?.Labels?.[`${labels}name`];
  if (row.success && base !== undefined) {
    return { kind: 'model', base: { name: base, digest: data?.Labels?.[`${labels}digest`] }, row: row.data };
  }
  const { 'org.opencontainers.image.title': title } = adapterImageLabels;
  if (variable === undefined && data?.Labels?.['org.opencontainers.image.title'] === title) return { kind: 'adapter' };
  throw new ModelwhiskError('VERIFY', `${name} does not say what it was made from`, {
    hint: 'only images that modelwhisk made can be verified',
  });
}

const runConfig = z.looseObject({
  Env: z.array(z.string()).nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
});

const modelVariable = 'MODELWHISK_MODEL=';
const labels = 'org.opencontainers.image.base.';
