import { stringify } from 'yaml';

/** A file for a deployment tool of a platform. Its placeholders, such as REGION, are those of the commands. */
export interface DeployFile {
  readonly name: string;
  /** YAML, with the commands that use it as comments at its top. */
  readonly content: string;
}

/** @param commands that use the file */
export function yamlFile(name: string, commands: readonly string[], value: object): DeployFile {
  const comments = commands.map((command) => `# ${command}\n`).join('');
  return { name, content: `${comments}${stringify(value, yaml11)}` };
}

/** Text that older parsers take for something else, such as a date, gets quotes. */
const yaml11 = { version: '1.1', lineWidth: 0 } as const;
