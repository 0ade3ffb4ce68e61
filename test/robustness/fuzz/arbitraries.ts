import * as fc from 'fast-check';

/** Any names, and names with a meaning in JavaScript, HTTP or OpenWhisk. */
export const names = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'toJSON', 'then', 'error', '0', ''),
  fc.string({ unit: 'grapheme' }),
);

/** Text that UTF-8 can encode: no lone surrogates. */
export const plainText = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'a b',
    'a+b',
    '100%',
    '%41',
    '&=?#/',
    '\u00e9',
    '\u2744',
    '\u{1f600}',
    '..',
    '.',
  ),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

/** Any JSON value, with these names as keys. */
export const json = fc
  .letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, false, '', 0, -1, 1e21, 5e-324, '\0', '\r\n', '\ud800', 'é', '❄'),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string({ unit: 'grapheme' }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.array(fc.tuple(names, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    ),
  }))
  .value.map(rewritten);

export const jsonObject = fc
  .array(fc.tuple(names, json), { maxLength: 5 })
  .map((entries) => rewritten(Object.fromEntries(entries)) as Record<string, unknown>);

/** A JSON number, also with more digits, zeros and exponents than a double can hold. */
const numberText = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '1.0',
    '1e400',
    '-1E-400',
    '12345678901234567890',
    '0.1000000000000000055',
    '1e+2',
    '0.0e0',
  ),
  fc.stringMatching(/^-?(?:0|[1-9][0-9]{0,25})(?:\.[0-9]{1,25})?(?:[eE][+-]?[0-9]{1,4})?$/),
);

const space = fc.constantFrom('', '', '', ' ', '\n\t', '\r\n  ');

/** JSON text with any numbers, white space and order, and repeated names. */
export const jsonText = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    numberText,
    fc.constantFrom('null', 'true', 'false', '""', String.raw`"\\\""`, String.raw`"\u00e9\ud83d\ude00\/"`, '"[{1.0}]"'),
    fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
    fc
      .tuple(space, fc.array(tie('value'), { maxLength: 4 }))
      .map(([between, items]) => `[${between}${items.join(`,${between}`)}]`),
    membersText(tie('value'), names),
  ),
})).value;

/** JSON text of an object with these names. */
export function jsonObjectText(memberNames: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return membersText(jsonText, memberNames);
}

function membersText(values: fc.Arbitrary<string>, memberNames: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(space, fc.array(fc.tuple(memberNames, values), { maxLength: 5 }))
    .map(
      ([between, members]) =>
        `{${between}${members.map(([name, value]) => `${JSON.stringify(name)}${between}:${between}${value}`).join(`${between},`)}}`,
    );
}

/** The bytes of a text with some bytes removed, replaced or inserted. */
export function mutated(text: fc.Arbitrary<string>): fc.Arbitrary<Buffer> {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.nat(8),
    inserted: fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.constantFrom(
        '"',
        '{',
        '[',
        '}',
        ']',
        ',',
        ':',
        '\\',
        '\0',
        '\ufeff',
        '1e999',
        '-',
        'null',
        '\\ud800',
        '\r\n',
        ' ',
      ),
    ),
  });
  return fc.tuple(text, fc.array(edit, { maxLength: 4 })).map(([original, changes]) => {
    let bytes = Buffer.from(original);
    for (const { at, removed, inserted } of changes) {
      const start = Math.floor(at * bytes.length);
      bytes = Buffer.concat([
        bytes.subarray(0, start),
        Buffer.from(inserted as string),
        bytes.subarray(start + removed),
      ]);
    }
    return bytes;
  });
}

/** An object with one member at any depth replaced, added or removed. */
export function changed(objects: fc.Arbitrary<object>): fc.Arbitrary<Record<string, unknown>> {
  const step = fc.record({
    path: fc.array(fc.nat(12), { minLength: 1, maxLength: 4 }),
    value: fc.option(json),
    name: names,
  });
  return fc.tuple(objects, fc.array(step, { maxLength: 3 })).map(([original, steps]) => {
    const copy = rewritten(original) as Record<string, unknown>;
    for (const { path, value, name } of steps) change(copy, path, name, value);
    return copy;
  });
}

/** JSON nested so deeply that recursion overflows the stack. */
export const deepJson = fc
  .oneof(fc.integer({ min: 500, max: 8000 }), fc.integer({ min: 8000, max: 200_000 }))
  .map((depth) => '['.repeat(depth) + ']'.repeat(depth));

/** Content types of every kind that section 5.4 distinguishes, and invalid ones. */
export const contentTypes = fc.oneof(
  fc.constantFrom(
    'application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON', 'application/json; v=1',
    'application/problem+json', 'application/hal+json', 'application/hal+json; charset=utf-8',
    'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain', 'text/plain; charset=latin1',
    'text/csv;charset="utf-8"', 'text/javascript', 'image/png', 'image/svg+xml', 'application/octet-stream',
    'application/x-npy', 'text/event-stream', 'application/x-ndjson; charset=utf-8',
  ), // prettier-ignore
  fc.constantFrom(
    '',
    ' ',
    '/',
    'a/',
    'text',
    'text/plain; charset',
    'text/plain;;;',
    'text/html; x="',
    'a/b; c="\\"',
    'text/plain; x="é→"',
  ),
  fc.string(),
);

/** The value after JSON.stringify and JSON.parse, for comparison. */
function rewritten(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

/** Follows the numbers to an existing member. Replaces it by the value, or removes it for null. */
function change(target: Record<string, unknown>, path: readonly number[], name: string, value: unknown): void {
  const keys = Object.keys(target);
  const [step = 0, ...rest] = path;
  const key = keys[step] ?? name;
  const inner = Object.hasOwn(target, key) ? target[key] : undefined;
  if (rest.length > 0 && typeof inner === 'object' && inner !== null) {
    change(inner as Record<string, unknown>, rest, name, value);
  } else if (value === null) {
    Reflect.deleteProperty(target, key);
  } else {
    // Not Object.defineProperty, which throws for the length of an array.
    Reflect.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  }
}
