import * as z from 'zod';
import { parseConfiguration } from '../../core/parse.ts';
import { modelRow, type ModelRow } from '../../core/row.ts';
import type { BaseCommand } from '../model/http/command.ts';

/** @throws ConfigurationError */
export function checkModel(row: unknown): ModelRow {
  return parseConfiguration(modelRow, row, 'MODELWHISK_MODEL');
}

/** @throws ConfigurationError */
export function checkBase(base: unknown): BaseCommand {
  return parseConfiguration(baseImage, base, 'MODELWHISK_BASE');
}

const baseImage = z.strictObject({
  entrypoint: z.array(z.string()).nullable(),
  command: z.array(z.string()).nullable(),
  environment: z.record(z.string(), z.string()).default({}),
  stopSignal: z.string().optional(),
});
