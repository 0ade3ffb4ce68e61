/** A charset's name as pekko-http writes it: in its registered spelling. An unknown name stays unchanged. */
export function canonicalCharset(name: string): string {
  return registered.get(name.toLowerCase()) ?? name;
}

/** The charsets that pekko-http 1.1.0 registers, each followed by its aliases (HttpCharset.scala). */
const names: readonly string[] = [
  'US-ASCII iso-ir-6 ANSI_X3.4-1968 ANSI_X3.4-1986 ISO_646.irv:1991 ASCII ISO646-US us IBM367 cp367 csASCII',
  'ISO-8859-1 iso-ir-100 ISO_8859-1 latin1 l1 IBM819 CP819 csISOLatin1',
  'UTF-8 UTF8',
  'UTF-16 UTF16',
  'UTF-16BE',
  'UTF-16LE',
  'ISO-8859-2 iso-ir-101 ISO_8859-2 latin2 l2 csISOLatin2',
  'ISO-8859-3 iso-ir-109 ISO_8859-3 latin3 l3 csISOLatin3',
  'ISO-8859-4 iso-ir-110 ISO_8859-4 latin4 l4 csISOLatin4',
  'ISO-8859-5 iso-ir-144 ISO_8859-5 cyrillic csISOLatinCyrillic',
  'ISO-8859-6 iso-ir-127 ISO_8859-6 ECMA-114 ASMO-708 arabic csISOLatinArabic',
  'ISO-8859-7 iso-ir-126 ISO_8859-7 ELOT_928 ECMA-118 greek greek8 csISOLatinGreek',
  'ISO-8859-8 iso-ir-138 ISO_8859-8 hebrew csISOLatinHebrew',
  'ISO-8859-9 iso-ir-148 ISO_8859-9 latin5 l5 csISOLatin5',
  'ISO-8859-10 iso-ir-157 l6 ISO_8859-10 csISOLatin6 latin6',
  'UTF-32 UTF32',
  'UTF-32BE',
  'UTF-32LE',
  'windows-1250 cp1250 cp5346',
  'windows-1251 cp1251 cp5347',
  'windows-1252 cp1252 cp5348',
  'windows-1253 cp1253 cp5349',
  'windows-1254 cp1254 cp5350',
  'windows-1257 cp1257 cp5353',
];

const registered = new Map(
  names.flatMap((line) => {
    const [name = '', ...aliases] = line.split(' ');
    return [name, ...aliases].map((alias) => [alias.toLowerCase(), name] as const);
  }),
);
