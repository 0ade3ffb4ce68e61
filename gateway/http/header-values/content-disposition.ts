import { encodePercent } from '../percent.ts';
import { quote, Scanner, sortedParameters } from './scanner.ts';

export function renderContentDisposition(value: string): string | undefined {
  const scanner = new Scanner(value);
  const type = scanner.token();
  const given = scanner.many(() => (scanner.skip(';') ? parameter(scanner) : undefined));
  if (type === undefined || !scanner.isAtEnd) return undefined;
  const known = ['inline', 'attachment', 'form-data'].find((name) => name === type.toLowerCase());
  const parameters = withExtendedName(new Map(sortedParameters(given)));
  return (known ?? type) + parameters.map(([name, text]) => `; ${renderParameter(name, text)}`).join('');
}

function parameter(scanner: Scanner): readonly [string, string] | undefined {
  const extended = scanner.attempt(() => {
    const [, name, charset, text] = scanner.take(extendedParameter) ?? [];
    if (name === undefined || charset === undefined || text === undefined) return undefined;
    const bytes = Buffer.from(decodeURIComponentBytes(text), 'latin1');
    return [name, bytes.toString(charset.toLowerCase() === 'utf-8' ? 'utf8' : 'latin1')] as const;
  });
  if (extended !== undefined) return extended;
  const [name, text] = scanner.parameter() ?? [];
  if (name === undefined || text === undefined) return undefined;
  return [name.toLowerCase() === 'filename' ? 'filename' : name, text];
}

/** RFC 5987: `name*=UTF-8'en'text`. */
const extendedParameter =
  /(filename\*)[ \t]*=[ \t]*(utf-8|iso-8859-1)'[A-Za-z0-9-]*'((?:%[0-9A-Fa-f]{2}|[A-Za-z0-9!#$&+\-.^_`|~])*)/iy;

function decodeURIComponentBytes(text: string): string {
  return text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** `filename*` wins over `filename`. It is written again, beside `filename`, only if the name is not plain ASCII. */
function withExtendedName(given: Map<string, string>): [string, string][] {
  const extended = given.get('filename*');
  if (extended !== undefined) given.set('filename', extended);
  given.delete('filename*');
  const name = given.get('filename');
  if (name !== undefined && !/^[ !#$&-[\]-~]*$/.test(name)) given.set('filename*', name);
  return sortedParameters([...given]);
}

function renderParameter(name: string, text: string): string {
  if (name === 'filename') return `filename="${text.replaceAll(/[^ !#$&-[\]-~]/g, '?')}"`;
  if (!name.endsWith('*')) return `${name}=${quote(text)}`;
  return `${name}=UTF-8''${encodePercent(text, /[A-Za-z0-9!#$&+\-.^_`|~]/)}`;
}
