import type { LosslessNumber } from 'lossless-json';
import { toDecimal } from './decimal.ts';
import { decodeLeniently } from './decode.ts';
import { failureMessage } from './failure-message.ts';
import type { Json, JsonObject } from './json.ts';

/**
 * Parses JSON as OpenWhisk's controller does (spray-json 1.3.5, JsonParser.scala): the last of repeated names wins,
 * numbers have at most 100 characters, nesting at most 1000 levels. Bytes are read as UTF-8.
 * Throws SyntaxError with spray-json's message, and RangeError for a number that java.math.BigDecimal refuses.
 */
export function parseJson(input: string | Uint8Array): Json {
  const parser = new Parser(typeof input === 'string' ? input : decodeLeniently(input), input);
  return parser.document();
}

const maximumDepth = 1000;
const maximumNumberLength = 100;
const endOfInput = '\uffff';

class Parser {
  readonly #text: string;
  readonly #input: string | Uint8Array;
  #position = 0;

  constructor(text: string, input: string | Uint8Array) {
    this.#text = text;
    this.#input = input;
  }

  document(): Json {
    this.#whiteSpace();
    const value = this.#value(maximumDepth);
    if (this.#current() !== endOfInput) this.#fail('end-of-input');
    return value;
  }

  #value(remainingDepth: number): Json {
    if (remainingDepth === 0) {
      throw new SyntaxError(
        `JSON input nested too deeply:JSON input was nested more deeply than the configured limit of maxNesting = ${maximumDepth}`,
      );
    }
    switch (this.#current()) {
      case '{':
        return this.#object(remainingDepth);
      case '[':
        return this.#array(remainingDepth);
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return /[-\d]/.test(this.#current()) ? this.#number() : this.#fail('JSON Value');
    }
  }

  #object(remainingDepth: number): JsonObject {
    this.#skip();
    const members: [string, Json][] = [];
    if (this.#accept('}')) return {};
    do {
      const name = this.#string();
      this.#require(':');
      members.push([name, this.#value(remainingDepth - 1)]);
    } while (this.#accept(','));
    this.#require('}');
    return Object.fromEntries(members);
  }

  #array(remainingDepth: number): Json[] {
    this.#skip();
    const elements: Json[] = [];
    if (this.#accept(']')) return elements;
    do elements.push(this.#value(remainingDepth - 1));
    while (this.#accept(','));
    this.#require(']');
    return elements;
  }

  #word(word: string, value: Json): Json {
    const start = this.#position;
    for (const letter of word) {
      if (this.#current() !== letter) this.#fail('JSON Value', start);
      this.#position += 1;
    }
    this.#whiteSpace();
    return value;
  }

  #number(): LosslessNumber {
    const start = this.#position;
    this.#take('-');
    if (!this.#take('0')) this.#digits();
    if (this.#take('.')) this.#digits();
    if (this.#take('e') || this.#take('E')) {
      if (!this.#take('-')) this.#take('+');
      this.#digits();
    }
    const text = this.#text.slice(start, this.#position);
    if (text.length > maximumNumberLength) {
      throw new SyntaxError(
        `Number too long:The number starting with '${text.slice(0, 20)}' had ${text.length} characters which is more than the allowed limit maxNumberCharacters = ${maximumNumberLength}. If this is legit input consider increasing the limit.`,
      );
    }
    this.#whiteSpace();
    return toDecimal(text);
  }

  #digits(): void {
    if (this.#match(/\d+/y) === undefined) this.#fail('DIGIT');
  }

  #string(): string {
    if (!this.#take('"')) this.#fail(`'"'`);
    let text = this.#plainText();
    while (this.#take('\\')) text += this.#escaped() + this.#plainText();
    if (!this.#take('"')) this.#fail(`'"'`);
    this.#whiteSpace();
    return text;
  }

  #plainText(): string {
    // oxlint-disable-next-line no-control-regex
    return this.#match(/[^"\\\u0000-\u001f\uffff]+/y) ?? '';
  }

  #escaped(): string {
    const letter = this.#current();
    const simple = simpleEscapes[letter];
    if (simple === undefined && letter !== 'u') this.#fail('JSON escape sequence');
    this.#position += 1;
    if (simple !== undefined) return simple;
    let code = 0;
    for (let digits = 0; digits < 4; digits += 1) {
      if (!/[\da-fA-F]/.test(this.#current())) this.#fail('hex digit');
      code = code * 16 + Number.parseInt(this.#current(), 16);
      this.#position += 1;
    }
    return String.fromCharCode(code);
  }

  #current(): string {
    return this.#text[this.#position] ?? endOfInput;
  }

  /** Reads one character, but not the white space after it. */
  #take(character: string): boolean {
    const isThere = this.#current() === character;
    if (isThere) this.#position += 1;
    return isThere;
  }

  #accept(character: string): boolean {
    const isThere = this.#take(character);
    if (isThere) this.#whiteSpace();
    return isThere;
  }

  #require(character: string): void {
    if (!this.#accept(character)) this.#fail(`'${character}'`);
  }

  #skip(): void {
    this.#position += 1;
    this.#whiteSpace();
  }

  #whiteSpace(): void {
    this.#match(/[ \n\r\t]+/y);
  }

  #match(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.#position;
    const found = sticky.exec(this.#text)?.[0];
    this.#position += found?.length ?? 0;
    return found;
  }

  #fail(expected: string, at = this.#position): never {
    throw new SyntaxError(failureMessage(this.#text, this.#input, { expected, at, found: this.#position }));
  }
}

const simpleEscapes: Readonly<Record<string, string>> = {
  '"': '"',
  '/': '/',
  '\\': '\\',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
