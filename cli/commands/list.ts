import { Command } from 'commander';
import { loadCatalogue } from '../../image/catalogue/catalogue.ts';
import type { CommandContext } from '../context.ts';
import { listModels } from '../list.ts';
import { warningWriter } from '../output.ts';
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
      const rows = loadCatalogue(catalogue, ['all'], warningWriter(context, {}, context.colours.stderr));
      context.stdout.write(`${listModels(rows, { json, columns: context.stdout.columns })}\n`);
    });
}
