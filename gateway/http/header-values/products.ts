import { Scanner } from './scanner.ts';

/** User-Agent and Server: products with versions and comments. */
export function renderProducts(value: string): string | undefined {
  const scanner = new Scanner(value);
  const products = scanner.many(() => productOrComment(scanner));
  return scanner.isAtEnd && products.length > 0 ? products.join(' ') : undefined;
}

function productOrComment(scanner: Scanner): string | undefined {
  const product = scanner.attempt(() => {
    const name = scanner.token();
    if (name === undefined) return undefined;
    const version = scanner.attempt(() => (scanner.skip('/') ? scanner.token() : undefined));
    return version === undefined ? name : `${name}/${version}`;
  });
  const text = comment(scanner);
  if (product === undefined) return text;
  return text === undefined || text === '()' ? product : `${product} ${text}`;
}

/** A comment, which may contain comments. pekko-http adds a space before an inner one and drops spaces after it. */
function comment(scanner: Scanner): string | undefined {
  return scanner.attempt(() => {
    if (!scanner.skip('(')) return undefined;
    const parts = scanner.many(() => {
      const [, escaped, plain] = scanner.take(commentText) ?? [];
      if (escaped !== undefined || plain !== undefined) return escaped ?? plain;
      const inner = comment(scanner);
      return inner === undefined ? undefined : ` ${inner}`;
    });
    return scanner.skip(')') ? `(${parts.join('')})` : undefined;
  });
}

const commentText = /\\([\t -~\u0080-\ufffe])|([\t !-'*-[\]-~\u0080-\ufffe])/y;
