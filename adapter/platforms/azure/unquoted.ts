import { JsonText } from '../../json/exact.ts';

/**
 * A value without the layers of JSON around it: the host writes a text as JSON inside of a string, and the text of a
 * message is often JSON itself. An object or array comes with its text; what is neither in the end is left as text.
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
 * The bytes of a value that the host has written as base64, as it does where the binding's `dataType` is `binary`: such
 * a value is the only one that stands in its string without quotation marks of its own. Undefined for any other.
 */
export function binaryValue(value: unknown): Buffer | undefined {
  if (typeof value !== 'string' || value === '' || value.length % 4 !== 0) return undefined;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return undefined;
  const bytes = Buffer.from(value, 'base64');
  return bytes.toString('base64') === value ? bytes : undefined;
}
