import { fileURLToPath } from 'node:url';
import type { ModelRow } from '../../core/row.ts';
import { loadCatalogue } from '../../image/catalogue/catalogue.ts';
import { fillTemplate, placeholders } from '../../image/catalogue/template.ts';

export const cataloguePath = fileURLToPath(new URL('../../models.json', import.meta.url));

/** The rows of models.json. */
export const rows = loadCatalogue(cataloguePath);

/** models.json with every template filled in. */
export const filledRows: readonly ModelRow[] = rows.map((row) =>
  row.template
    ? fillTemplate(row, Object.fromEntries(placeholders(row).map((name) => [name, `example-${name}`])))
    : row,
);
