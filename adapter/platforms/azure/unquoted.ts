import { JsonText } from '../../json/exact.ts';

/**
 * A value without the layers of JSON around it: the host writes a text as JSON in a string, and the text of a message
 * is often JSON itself. An object or array keeps its text as JsonText; any other value is a string.
 */
export function unquoted(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  let inner: JsonText;
  try {
    inner = JsonText.parse(value);
  } catch {
    return value;
  }
  if (typeof inner.value === 'string') return unquoted(inner.value);
  return typeof inner.value === 'object' && inner.value !== null ? inner : value;
}

/**
 * The bytes of a value in base64, which the host sends if the binding's `dataType` is `binary`. Only such a value is in
 * its string without additional quotation marks. Undefined for any other value.
 */
export function binaryValue(value: unknown): Buffer | undefined {
  if (typeof value !== 'string' || value === '' || value.length % 4 !== 0) return undefined;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return undefined;
  const bytes = Buffer.from(value, 'base64');
  return bytes.toString('base64') === value ? bytes : undefined;
}
