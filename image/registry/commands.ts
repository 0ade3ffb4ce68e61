import { wrapConfig } from '../config.ts';
import type { EngineOptions } from '../engine.ts';
import { copyImage } from './copy.ts';
import { adapterLayers } from './engine.ts';
import { formatBytes } from './format.ts';
import { Registries } from './registries.ts';
import { verifyImage } from './verify.ts';

export interface CommandContext {
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
  /** Whether to answer in JSON, for machines. */
  readonly json: boolean;
}

/**
 * `build.ts copy`: moves a finished image to another repository or registry, byte for byte.
 *
 * @returns what to print
 */
export async function runCopy(
  from: string,
  to: string,
  options: Pick<EngineOptions, 'environment' | 'allowCopy' | 'insecureRegistries'>,
  { json, ...context }: CommandContext,
): Promise<string> {
  const registries = new Registries(options);
  try {
    const { digest, bytes } = await copyImage(registries, from, to, { ...context, allowCopy: options.allowCopy });
    if (json) return JSON.stringify({ source: from, target: to, digest, bytes }, undefined, 2);
    return `${to}@${digest}: ${formatBytes(bytes.mounted)} mounted, ${formatBytes(bytes.copied)} copied`;
  } finally {
    registries.close();
  }
}

/**
 * `build.ts verify`: makes an image once more, without storing anything, and says whether it is exactly its base image
 * and this adapter.
 *
 * @returns what to print, and whether it is
 */
export async function runVerify(
  image: string,
  platform: string,
  options: EngineOptions,
  { json, ...context }: CommandContext,
): Promise<{ readonly text: string; readonly verified: boolean }> {
  const registries = new Registries(options);
  try {
    const layers = await adapterLayers(platform, context, { ...options, registries });
    const { signal } = context;
    const found = await verifyImage(registries, image, { platform, layers, configure: wrapConfig, signal });
    const verified = found.differences.length === 0;
    const { base, differences } = found;
    const verdict = verified
      ? `${image} is exactly ${base.name}@${base.digest} and this adapter`
      : [`${image} is not ${base.name}@${base.digest} and this adapter:`, ...differences].join('\n  ');
    return { verified, text: json ? JSON.stringify({ image, verified, ...found }, undefined, 2) : verdict };
  } finally {
    registries.close();
  }
}
