import { knownSettings } from '../adapter/settings/known.ts';
import type { Setting } from '../core/settings.ts';
import { markdownTable } from './markdown-table.ts';

/** docs/settings.md as it should be. */
export function settingsPage(): string {
  const sections = knownSettings.map(
    ({ title, settings }) => `## ${title}\n\n${markdownTable(['setting', 'meaning', 'default'], settings.map(rowOf))}`,
  );
  return `# Settings of the adapter

The adapter reads them from the environment of its container, once, at the start. A setting that is not in these tables, or
whose value does not fit, stops the start with one line that names it. \`npm run docs\` writes this page from the code.

${sections.join('\n')}
## Variables of the platforms and of AWS

The platform's own variables name the port and the limits where it has some ([docs/platforms.md](platforms.md)). Object
stores are found by the variables of AWS's tools: \`AWS_REGION\`, \`AWS_ENDPOINT_URL_S3\`, \`AWS_ACCESS_KEY_ID\` and the others
that [docs/protocols/object-stores.md](protocols/object-stores.md) names. Which of all these
variables reach the model server, and which are withheld, is said in [docs/trust.md](trust.md).
`;
}

function rowOf({ name, meaning, default: value, otherwise = '' }: Setting): readonly string[] {
  return [`\`${name}\``, meaning, value === undefined ? otherwise : `\`${value}\``];
}
