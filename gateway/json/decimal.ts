import { LosslessNumber } from 'lossless-json';

/** A number of a JSON text, as java.math.BigDecimal keeps it. Throws RangeError for an exponent beyond 32 bits. */
export function toDecimal(text: string): LosslessNumber {
  const exponent = Number(/[eE](.+)$/.exec(text)?.[1] ?? 0);
  if (Math.abs(exponent) > 2 ** 31 - 200) throw new RangeError('Too many nonzero exponent digits.');
  return new LosslessNumber(decimalText(text));
}

/** A JSON number as java.math.BigDecimal.toString writes it: 1.2e-5 becomes 0.000012, 1e3 becomes 1E+3. */
export function decimalText(text: string): string {
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
