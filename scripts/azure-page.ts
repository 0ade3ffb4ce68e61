// Writes the page of examples/azure to a folder for a static host: npm run azure-page [-- FOLDER]
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { installation } from '../cli/installation.ts';
import { loadPage } from '../cli/page-files.ts';
import { azurePolicy } from '../page/security.ts';

const folder = resolve(process.argv[2] ?? 'dist/azure-page');
for (const [path, { content }] of await loadPage(installation, 'azure')) {
  const file = join(folder, path === '/' ? 'index.html' : path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, path === '/' ? withPolicy(Buffer.from(content).toString()) : content);
}
console.log(`the page is in ${folder}`);

/** A static host may set no headers, so the document has its policy. */
function withPolicy(html: string): string {
  const meta = `<meta http-equiv="Content-Security-Policy" content="${azurePolicy}" />`;
  return html.replace('<meta charset="utf-8" />', `$&\n    ${meta}`);
}
