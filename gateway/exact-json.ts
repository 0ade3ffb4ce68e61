import { LosslessNumber, parse } from 'lossless-json';

/** A JSON value whose numbers keep every digit they were written with. */
export type Json = null | boolean | number | string | LosslessNumber | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/**
 * Parses JSON as OpenWhisk's controller does: the last of repeated names wins, numbers are decimals of up to 100
 * characters, nesting ends at 1000 levels (spray-json, JsonParserSettings). Throws SyntaxError, or RangeError where there
 * are far more.
 */
export function parseJson(text: string): Json {
  const value = parse(text, undefined, { parseNumber: toDecimal, onDuplicateKey: ({ newValue }) => newValue }) as Json;
  if (isDeeperThan(value, 1000)) throw new SyntaxError('the JSON is nested more than 1000 levels deep');
  return value;
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof LosslessNumber);
}

/** JSON without white space, names sorted, as spray-json's CompactPrinter writes it. */
export function printJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(printJson).join(',')}]`;
  if (!isJsonObject(value)) return printScalar(value);
  return `{${sortedEntries(value)
    .map(([name, member]) => `${JSON.stringify(name)}:${printJson(member)}`)
    .join(',')}}`;
}

/**
 * JSON as spray-json's PrettyPrinter writes it, which the controller uses for web actions: objects indented by two
 * spaces, arrays on one line, names sorted (spray-json keeps objects as a TreeMap since 1.3.5).
 */
export function prettyPrintJson(value: Json, indent = ''): string {
  if (Array.isArray(value)) return `[${value.map((element) => prettyPrintJson(element, indent)).join(', ')}]`;
  if (!isJsonObject(value)) return printScalar(value);
  const members = sortedEntries(value).map(
    ([name, member]) => `${indent}  ${JSON.stringify(name)}: ${prettyPrintJson(member, `${indent}  `)}`,
  );
  return `{\n${members.join(',\n')}\n${indent}}`;
}

/** The entries of an object in the order of spray-json's TreeMap: by UTF-16 code units. */
export function sortedEntries(value: JsonObject): [string, Json][] {
  return Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
}

/** A scalar's JSON text. */
function printScalar(value: Json): string {
  if (value instanceof LosslessNumber) return value.value;
  return typeof value === 'number' ? decimalText(String(value)) : JSON.stringify(value);
}

function isDeeperThan(value: Json, levels: number): boolean {
  const isContainer = Array.isArray(value) || isJsonObject(value);
  return isContainer && (levels === 0 || Object.values(value).some((each: Json) => isDeeperThan(each, levels - 1)));
}

/** Throws SyntaxError for a number that java.math.BigDecimal, or spray-json before it, refuses. */
function toDecimal(text: string): LosslessNumber {
  if (text.length > 100)
    throw new SyntaxError(`a number has ${text.length} characters, which is over the limit of 100`);
  const exponent = Number(/[eE](.+)$/.exec(text)?.[1] ?? 0);
  if (Math.abs(exponent) > 2 ** 31 - 200) throw new SyntaxError(`the number ${text} has too large an exponent`);
  return new LosslessNumber(decimalText(text));
}

/** A JSON number as java.math.BigDecimal.toString writes it: 1.2e-5 becomes 0.000012, 1e3 becomes 1E+3. */
function decimalText(text: string): string {
  const [, sign = '', whole = '0', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+(?=\d)/, '');
  const scale = fraction.length - Number(exponent);
  const adjusted = digits.length - 1 - scale;
  const shownSign = digits === '0' ? '' : sign;
  if (scale < 0 || adjusted < -6) {
    const mantissa = digits.length > 1 ? `${digits.slice(0, 1)}.${digits.slice(1)}` : digits;
    return `${shownSign}${mantissa}E${adjusted < 0 ? '-' : '+'}${Math.abs(adjusted)}`;
  }
  if (scale === 0) return shownSign + digits;
  const padded = digits.padStart(scale + 1, '0');
  return `${shownSign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}
