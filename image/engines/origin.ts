import * as z from 'zod';
import { modelRow, type ModelRow } from '../../core/row.ts';
import type { ContainerConfig } from '../container-config.ts';
import { parseJson } from '../registry/json.ts';
import { adapterImageLabels } from './adapter-image.ts';
import { baseDigestLabel, baseNameLabel, modelLabel, rowLabel, versionLabel } from './wrap-config.ts';

/** What an image was made from, according to itself. */
export type Origin =
  | {
      readonly kind: 'model';
      readonly base: NamedBase;
      readonly row: ModelRow;
      /** Whether the row has its memory, sample and the other keys that the adapter does not need. */
      readonly isWholeRow: boolean;
      readonly version: string | undefined;
    }
  /** It is an image of ours, but does not say everything. */
  | {
      readonly kind: 'incomplete';
      readonly base: NamedBase | undefined;
      readonly row: ModelRow | undefined;
      readonly version: string | undefined;
    }
  /** It contains only the adapter. */
  | { readonly kind: 'adapter' }
  /** A Dockerfile has added the adapter. It writes no labels. */
  | { readonly kind: 'dockerfile' }
  | { readonly kind: 'foreign' };

export interface NamedBase {
  readonly name: string;
  /** Undefined for an image that was not in a registry. */
  readonly digest: string | undefined;
}

/** Reads it from an image's labels and environment, which are not trusted. */
export function readOrigin(config: unknown): Origin {
  const { Env, Labels, Entrypoint }: Settings = settings.safeParse(config ?? {}).data ?? {};
  const variable = Env?.find((entry) => entry.startsWith(modelVariable))?.slice(modelVariable.length);
  if (Labels?.[modelLabel] === undefined) {
    if (variable !== undefined || Entrypoint?.[0]?.startsWith('/modelwhisk/')) return { kind: 'dockerfile' };
    const { 'org.opencontainers.image.title': title } = adapterImageLabels;
    return { kind: Labels?.['org.opencontainers.image.title'] === title ? 'adapter' : 'foreign' };
  }
  const name = Labels[baseNameLabel];
  const base = name === undefined ? undefined : { name, digest: Labels[baseDigestLabel] };
  const whole = rowIn(Labels[rowLabel]);
  const row = whole ?? rowIn(variable);
  const version = Labels[versionLabel];
  if (base === undefined || row === undefined) return { kind: 'incomplete', base, row, version };
  return { kind: 'model', base, row, isWholeRow: whole !== undefined, version };
}

type Settings = Partial<Pick<ContainerConfig, 'Env' | 'Labels' | 'Entrypoint'>>;

const settings = z.looseObject({
  Env: z.array(z.string()).nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
  Entrypoint: z.array(z.string()).nullish(),
});

const modelVariable = 'MODELWHISK_MODEL=';

function rowIn(text: string | undefined): ModelRow | undefined {
  return modelRow.safeParse(parseJson(text ?? '')).data;
}
