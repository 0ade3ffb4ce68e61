import { Command } from 'commander';
import { adapterLayers } from '../../image/engines/registry/engine.ts';
import { parseImagePlace } from '../../image/engines/verify/image-place.ts';
import { type ImageAccess, readBase, withStoredImage } from '../../image/engines/verify/open-image.ts';
import type { NamedBase } from '../../image/engines/origin.ts';
import { type Verification, verifyImage } from '../../image/engines/verify/verify.ts';
import { wrapConfig } from '../../image/engines/wrap-config.ts';
import type { Progress } from '../../image/progress.ts';
import { Registries } from '../../image/registry/registries.ts';
import { type CommandContext, engineOptions } from '../context.ts';
import { printedJson, type VerifyDocument } from '../documents.ts';
import type { OutputOptions } from '../options.ts';
import { openProgress } from '../progress.ts';
import { addRegistryOptions, addLayerOptions, addOutputOptions } from '../shared-options.ts';

/** Checks whether an image is exactly its base image and the adapter of this version. Exit code 1 if not. */
export function verifyCommand(context: CommandContext): Command {
  const command = new Command('verify')
    .description('tell whether an image is exactly the base that it names and this adapter')
    .argument('<image>', 'in a registry, or oci:DIR[:NAME], docker-archive:FILE, docker-daemon:IMAGE')
    .action(async (image: string, flags: VerifyFlags) => verify(image, flags, context));
  return addOutputOptions(addLayerOptions(addRegistryOptions(command), context.environment));
}

interface VerifyFlags extends Partial<OutputOptions> {
  readonly platform: string;
  readonly runtimeImage: string;
  readonly insecure?: readonly string[];
  readonly allowRedirect?: readonly string[];
}

async function verify(image: string, flags: VerifyFlags, context: CommandContext): Promise<void> {
  const { quiet = false, json = false, verbose = false } = flags;
  const display = await openProgress(context, { quiet, verbose }, 1);
  const progress: Progress = (...what) => display.progress(image, ...what);
  const found = await compare(image, flags, progress, context).finally(display.close);
  const document: VerifyDocument = { image, verified: found.differences.length === 0, ...found };
  if (json) context.stdout.write(printedJson(document));
  else if (!quiet) context.stdout.write(verifyText(document));
  if (!document.verified) context.exitCode = 1;
}

async function compare(
  image: string,
  { platform, runtimeImage, insecure = [], allowRedirect = [], verbose = false }: VerifyFlags,
  progress: Progress,
  context: CommandContext,
): Promise<Verification> {
  const { environment, signal } = context;
  const registries = new Registries({ environment, insecureRegistries: insecure, allowedHosts: allowRedirect, signal });
  const engine = engineOptions({ runtimeImage, insecure, allowRedirect, verbose }, context);
  const access: ImageAccess = { ...engine, registries, platform, signal };
  try {
    // The image first: whether it can be read does not depend on the layers, which may need another registry.
    return await withStoredImage(parseImagePlace(image), access, async (stored) => {
      const layers = await adapterLayers(platform, { progress, signal }, { ...engine, registries });
      const making = {
        platform,
        layers,
        configure: wrapConfig,
        readBase: async (base: NamedBase) => readBase(base, access),
      };
      return verifyImage(stored, making, signal);
    });
  } finally {
    registries.close();
  }
}

function verifyText({ image, base, compared, verified, differences }: VerifyDocument): string {
  const parts = base === undefined ? 'this adapter' : `${baseText(base)} and this adapter`;
  const how = compared === 'contents' ? ', packed in another way' : '';
  if (verified) return `${image} is exactly ${parts}${how}\n`;
  return [`${image} is not exactly ${parts}:`, ...differences.map((difference) => `  ${difference}`), ''].join('\n');
}

function baseText({ name, digest }: NonNullable<VerifyDocument['base']>): string {
  return digest === undefined ? `${name} of this docker engine` : `${name}@${digest}`;
}
