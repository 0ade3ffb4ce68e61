// Writes models.schema.json, which editors use for models.json, from the zod schema: npx tsx scripts/schema.ts
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { catalogue } from '../image/catalogue/catalogue.ts';

export const schemaPath = fileURLToPath(new URL('../models.schema.json', import.meta.url));

/** The content of models.schema.json. */
export function schemaText(): string {
  const schema = z.toJSONSchema(catalogue, { io: 'input' });
  return `${JSON.stringify({ title: 'modelwhisk catalogue', ...schema }, undefined, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(schemaPath, schemaText());
