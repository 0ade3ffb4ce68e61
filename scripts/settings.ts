import { knownSettings } from '../adapter/settings/known.ts';
import type { Setting } from '../core/settings.ts';
import { markdownTable } from './markdown-table.ts';

/** The content of docs/settings.md. */
export function settingsPage(): string {
  const sections = knownSettings.map(
    ({ title, settings }) => `## ${title}\n\n${markdownTable(['setting', 'meaning', 'default'], settings.map(rowOf))}`,
  );
  return `# Settings of the adapter

The adapter reads its settings from the environment of its container, once, at the start. An unknown setting or an invalid
value stops the start, with one line that names it. \`npm run docs\` writes this page from the code.

${sections.join('\n')}
## Variables of the platforms and of AWS

The platform's own variables set the port and the limits ([docs/platforms.md](platforms.md)). For object stores, the adapter
reads the variables of AWS's tools: \`AWS_REGION\`, \`AWS_ENDPOINT_URL_S3\`, \`AWS_ACCESS_KEY_ID\` and the others in
[docs/protocols/object-stores.md](protocols/object-stores.md). [docs/trust.md](trust.md) says which of these variables reach
the model server, and which are withheld.
`;
}

function rowOf({ name, meaning, default: value, otherwise = '' }: Setting): readonly string[] {
  return [`\`${name}\``, meaning, value === undefined ? otherwise : `\`${value}\``];
}
