import { Command } from 'commander';
import { loadCatalogue } from '../../image/catalogue/catalogue.ts';
import type { CommandContext } from '../context.ts';
import { listModels } from '../list.ts';
import { catalogueOption } from '../shared-options.ts';

interface ListFlags {
  readonly json?: boolean;
  readonly catalogue: string;
}

export function listCommand(context: CommandContext): Command {
  return new Command('list')
    .description('list the models of the catalogue')
    .option('--json', 'print JSON')
    .addOption(catalogueOption())
    .action(({ catalogue, json }: ListFlags) => {
      context.stdout.write(`${listModels(loadCatalogue(catalogue), { json })}\n`);
    });
}
