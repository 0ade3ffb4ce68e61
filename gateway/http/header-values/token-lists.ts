import { renderWeight, weight } from './quality.ts';
import { quoteUnlessToken, Scanner, sortedParameters } from './scanner.ts';

/** Tokens with commas between them, possibly none. */
export function renderTokens(value: string): string | undefined {
  return renderList(value, (scanner) => scanner.token());
}

/** At least one token. */
export function renderSomeTokens(value: string): string | undefined {
  return renderTokens(value) || undefined;
}

export function renderToken(value: string): string | undefined {
  const scanner = new Scanner(value);
  const token = scanner.token();
  return scanner.isAtEnd ? token : undefined;
}

export function renderContentEncoding(value: string): string | undefined {
  return renderList(value, (scanner) => encoding(scanner)) || undefined;
}

export function renderAcceptEncoding(value: string): string | undefined {
  return renderList(value, (scanner) => {
    const name = encoding(scanner);
    return name === undefined ? undefined : name + renderWeight(weight(scanner));
  });
}

export function renderAcceptLanguage(value: string): string | undefined {
  const rendered = renderList(value, (scanner) => {
    const language = scanner.take(/\*[ \t]*/y) === undefined ? languageTag(scanner) : '*';
    return language === undefined ? undefined : language + renderWeight(weight(scanner));
  });
  return rendered || undefined;
}

export function languageTag(scanner: Scanner): string | undefined {
  const primary = scanner.take(/([A-Za-z]+)[ \t]*/y)?.[1];
  if (primary === undefined) return undefined;
  return [primary, ...scanner.many(() => scanner.take(/-([A-Za-z0-9]+)[ \t]*/y)?.[1])].join('-');
}

/** Upgrade: `name/version` or `name`. */
export function renderProtocols(value: string): string | undefined {
  const rendered = renderList(value, (scanner) => {
    const name = scanner.token();
    const version = scanner.attempt(() => (scanner.skip('/') ? scanner.token() : undefined));
    return version === undefined ? name : `${name}/${version}`;
  });
  return rendered || undefined;
}

/** TE: transfer codings. Known names are written in lower case, others unchanged with their parameters. */
export function renderTransferCodings(value: string): string | undefined {
  const rendered = renderList(value, (scanner) => {
    const known = scanner.take(/(chunked|gzip|deflate|compress|trailers)[ \t]*/iy)?.[1];
    if (known !== undefined) return known.toLowerCase();
    const name = scanner.token();
    const given = scanner.many(() => (scanner.skip(';') ? scanner.parameter() : undefined));
    const parameters = sortedParameters(given).map(([key, text]) => `; ${key}=${quoteUnlessToken(text)}`);
    return name === undefined ? undefined : name + parameters.join('');
  });
  return rendered || undefined;
}

/** Sec-WebSocket-Extensions: names and their parameters. */
export function renderExtensions(value: string): string | undefined {
  const rendered = renderList(value, (scanner) => {
    const name = scanner.token();
    const parameters = scanner.many(() => (scanner.skip(';') ? extensionParameter(scanner) : undefined));
    return name === undefined ? undefined : [name, ...parameters].join('; ');
  });
  return rendered || undefined;
}

function extensionParameter(scanner: Scanner): string | undefined {
  const name = scanner.token();
  const text = scanner.attempt(() => (scanner.skip('=') ? scanner.word() : undefined));
  return text === undefined || text === '' ? name : `${name}=${text}`;
}

/** Sec-WebSocket-Version. */
export function renderVersions(value: string): string | undefined {
  return renderList(value, (scanner) => scanner.take(/[1-9]\d{0,2}|\d/y)?.[0]) || undefined;
}

export function renderList(value: string, element: (scanner: Scanner) => string | undefined): string | undefined {
  const scanner = new Scanner(value);
  const elements = scanner.list(() => element(scanner));
  return scanner.isAtEnd ? elements.join(', ') : undefined;
}

function encoding(scanner: Scanner): string | undefined {
  const name = scanner.token();
  return name !== undefined && registeredEncodings.has(name.toLowerCase()) ? name.toLowerCase() : name;
}

const registeredEncodings = new Set(['compress', 'chunked', 'deflate', 'gzip', 'identity', 'x-compress', 'x-zip']);
