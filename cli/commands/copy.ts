import { performance } from 'node:perf_hooks';
import { Command } from 'commander';
import { copyImage, planCopy } from '../../image/engines/registry/copy.ts';
import type { Progress } from '../../image/progress.ts';
import { Registries } from '../../image/registry/registries.ts';
import type { CommandContext } from '../context.ts';
import { type CopyDocument, printedJson } from '../documents.ts';
import type { OutputOptions } from '../options.ts';
import { openProgress } from '../progress.ts';
import { addRegistryOptions, addOutputOptions } from '../shared-options.ts';
import { summaryLine } from '../summary.ts';

/** Moves a finished image to another registry, byte for byte. */
export function copyCommand(context: CommandContext): Command {
  const command = new Command('copy')
    .description('move a finished image to another registry, byte for byte')
    .argument('<source>')
    .argument('<target>')
    .option('--allow-copy', 'copy more than 100 MB where a registry refuses to mount its own layers')
    .option('--dry-run', 'only say what would be copied')
    .action(async (source: string, target: string, flags: CopyFlags) => copy(source, target, flags, context));
  return addOutputOptions(addRegistryOptions(command));
}

interface CopyFlags extends Partial<OutputOptions> {
  readonly allowCopy?: boolean;
  readonly dryRun?: boolean;
  readonly insecure?: readonly string[];
  readonly allowRedirect?: readonly string[];
}

async function copy(source: string, target: string, flags: CopyFlags, context: CommandContext): Promise<void> {
  const started = performance.now();
  const { environment, signal } = context;
  const {
    allowCopy,
    dryRun = false,
    insecure = [],
    allowRedirect = [],
    quiet = false,
    json = false,
    verbose = false,
  } = flags;
  const display = await openProgress(context, { quiet, verbose }, 1);
  const progress: Progress = (...what) => display.progress(target, ...what);
  const options = { signal, allowCopy, progress };
  const registries = new Registries({ environment, insecureRegistries: insecure, allowedHosts: allowRedirect, signal });
  try {
    const copying = (dryRun ? planCopy : copyImage)(registries, source, target, options);
    const { digest, bytes } = await copying.finally(display.close);
    const status = bytes.pushed === 0 ? 'unchanged' : dryRun ? 'planned' : 'copied';
    const document: CopyDocument = { source, target, digest, status, bytes };
    const milliseconds = performance.now() - started;
    context.stdout.write(json ? printedJson(document) : quiet ? `${target}\n` : copyText(document, milliseconds));
  } finally {
    registries.close();
  }
}

function copyText({ source, target, digest, status, bytes }: CopyDocument, milliseconds: number): string {
  const done = {
    copied: `copied ${source} to ${target}`,
    unchanged: `${target} already is ${source}`,
    planned: `would copy ${source} to ${target}`,
  };
  return `${done[status]}, ${digest}\n${summaryLine({ what: '1 image', bytes, milliseconds })}\n`;
}
