/**
 * Reads a header value from left to right by pekko-http's lexical rules (CommonRules.scala). Each method reads one
 * element and the white space after it. If the element is missing, it returns undefined (`skip`: false) and reads
 * nothing.
 */
export class Scanner {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#position === this.#text.length;
  }

  /** Reads the text that a sticky pattern matches. */
  take(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.#position;
    const match = sticky.exec(this.#text) ?? undefined;
    this.#position += match?.[0].length ?? 0;
    return match;
  }

  /** Reads a literal text in any case. `literal` is in lower case. */
  skip(literal: string): boolean {
    const end = this.#position + literal.length;
    const isThere = this.#text.slice(this.#position, end).toLowerCase() === literal;
    if (isThere) this.#position = end;
    if (isThere) this.take(whiteSpace);
    return isThere;
  }

  token(): string | undefined {
    return this.take(token)?.[1];
  }

  /** A token, or a quoted string without its quotes. */
  word(): string | undefined {
    const plain = this.token();
    if (plain !== undefined) return plain;
    return this.take(quotedString)?.[1]?.replaceAll(/\\(.)/gs, '$1');
  }

  /** `name=word`. */
  parameter(): readonly [name: string, value: string] | undefined {
    return this.attempt(() => {
      const name = this.token();
      if (name === undefined || !this.skip('=')) return undefined;
      const value = this.word();
      return value === undefined ? undefined : [name, value];
    });
  }

  /** Elements with commas between them, possibly empty. A comma without an element after it is not read. */
  list<Element>(element: () => Element | undefined, separator = ','): Element[] {
    const elements: Element[] = [];
    for (let next = this.attempt(element); next !== undefined;) {
      elements.push(next);
      next = this.attempt(() => (this.skip(separator) ? element() : undefined));
    }
    return elements;
  }

  /** Elements in sequence, without a separator. */
  many<Element>(element: () => Element | undefined): Element[] {
    const elements: Element[] = [];
    for (let next = this.attempt(element); next !== undefined; next = this.attempt(element)) elements.push(next);
    return elements;
  }

  /** Calls `read`, and goes back if it returns undefined. */
  attempt<Result>(read: () => Result | undefined): Result | undefined {
    const start = this.#position;
    const result = read();
    if (result === undefined) this.#position = start;
    return result;
  }
}

/** The text, in quotes unless it is a token. */
export function quoteUnlessToken(text: string): string {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text) ? text : quote(text);
}

export function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** Parameters sorted by name. Of a repeated name the last counts. */
export function sortedParameters(parameters: readonly (readonly [string, string])[]): [string, string][] {
  return [...new Map(parameters)].toSorted(([left], [right]) => (left < right ? -1 : 1));
}

const whiteSpace = /[ \t]*/y;
const token = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*/y;
const quotedString = /"((?:[\t !#-[\]-~\u0080-\ufffe]|\\[\t -~\u0080-\ufffe])*)"[ \t]*/y;
