import { Command } from 'commander';
import { findRow, loadCatalogue } from '../../image/catalogue/catalogue.ts';
import type { CommandContext } from '../context.ts';
import { showModel } from '../list.ts';
import { warningWriter } from '../output.ts';
import { catalogueOption } from '../shared-options.ts';

interface ShowFlags {
  readonly json?: boolean;
  readonly catalogue: string;
}

export function showCommand(context: CommandContext): Command {
  return new Command('show')
    .description('show everything that the catalogue knows of one model')
    .argument('<name>', 'name of the model, as list prints it')
    .option('--json', 'print JSON')
    .addOption(catalogueOption())
    .action((name: string, { catalogue, json }: ShowFlags) => {
      const warn = warningWriter(context, {}, context.colours.stderr);
      const row = findRow(loadCatalogue(catalogue, [name], warn), name);
      context.stdout.write(`${showModel(row, { json, columns: context.stdout.columns })}\n`);
    });
}
