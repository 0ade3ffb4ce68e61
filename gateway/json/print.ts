import { isLosslessNumber } from 'lossless-json';
import { decimalText } from './decimal.ts';
import { isJsonObject, sortedEntries, type Json } from './json.ts';

/** JSON without white space, names sorted, as spray-json's CompactPrinter writes it. */
export function printJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(printJson).join(',')}]`;
  if (!isJsonObject(value)) return printScalar(value);
  return `{${sortedEntries(value)
    .map(([name, member]) => `${printString(name)}:${printJson(member)}`)
    .join(',')}}`;
}

/**
 * JSON as spray-json's PrettyPrinter writes it, which the controller uses for web actions: objects indented by two
 * spaces, arrays on one line, names sorted, and an empty line in an empty object.
 */
export function prettyPrintJson(value: Json, indent = ''): string {
  if (Array.isArray(value)) return `[${value.map((element) => prettyPrintJson(element, indent)).join(', ')}]`;
  if (!isJsonObject(value)) return printScalar(value);
  const members = sortedEntries(value).map(
    ([name, member]) => `${indent}  ${printString(name)}: ${prettyPrintJson(member, `${indent}  `)}`,
  );
  return `{\n${members.join(',\n')}\n${indent}}`;
}

function printScalar(value: Json): string {
  if (isLosslessNumber(value)) return value.value;
  if (typeof value === 'number') return decimalText(String(value));
  return typeof value === 'string' ? printString(value) : JSON.stringify(value);
}

/** Unlike JSON.stringify, spray-json leaves lone surrogates alone (JsonPrinter.scala). */
function printString(text: string): string {
  return `"${text.replaceAll(escapedCharacters, escape)}"`;
}

// oxlint-disable-next-line no-control-regex
const escapedCharacters = /["\\\u0000-\u001f]/g;

function escape(character: string): string {
  return JSON.stringify(character).slice(1, -1);
}
