import { jsonParts } from './scan.ts';
import { isJsonObject } from './object.ts';
import { mayBeLong, type Part, mostValues, outline } from './outline.ts';

/**
 * A JSON value with its original text. The text goes to the model server, because a double cannot hold all digits of
 * 12345678901234567890 or 0.1000000000000000055, and does not distinguish 1.0 from 1.
 */
export class JsonText {
  readonly text: string;
  #content: Content | undefined;

  /**
   * @param text valid JSON, without white space around it
   * @param content the parsed content; undefined to parse on first use
   */
  private constructor(text: string, content?: Content) {
    this.text = text;
    this.#content = content;
  }

  /** Parses a document. Throws SyntaxError like JSON.parse. */
  static parse(document: string): JsonText {
    return new JsonText(document.trim(), read(document));
  }

  /** A member or element. Strings, true, false and null are plain values, because they have no digits to lose. */
  static part(text: string, content?: Content): unknown {
    if (/^["tfn]/.test(text)) return content === undefined ? JSON.parse(text) : content.value;
    return new JsonText(text, content);
  }

  /**
   * The value of JSON.parse, except for documents with more than 100,000 values: their largest parts are JsonText, and
   * an array or object with that many parts is this JsonText itself.
   */
  get value(): unknown {
    const { value } = this.#read;
    return value === tooLong ? this : value;
  }

  /**
   * Whether JSON.stringify writes the value as the same text. The plain value then has all digits, and the faster
   * JSON.stringify can take the place of `members`. Long texts are not tried.
   */
  get isCanonical(): boolean {
    return this.text.length <= longestTried && JSON.stringify(this.value) === this.text;
  }

  /** The members of an object. Numbers, arrays and objects are JsonText. Undefined if the value is not an object. */
  members(): Record<string, unknown> | undefined {
    const { value } = this;
    if (!isJsonObject(value)) return undefined;
    return Object.fromEntries(this.#parts().map(({ name, text }) => [name, partOf(value[name], text)]));
  }

  /** The elements of an array. Numbers, arrays and objects are JsonText. Undefined if the value is not an array. */
  elements(): unknown[] | undefined {
    const { value } = this;
    if (!Array.isArray(value)) return undefined;
    return this.#parts().map(({ text }, index) => partOf(value[index], text));
  }

  #parts(): readonly Pick<Part, 'name' | 'text'>[] {
    return this.#read.parts ?? jsonParts(this.text);
  }

  toString(): string {
    return this.text;
  }

  toJSON(): unknown {
    return this.value === this ? JSON.parse(this.text) : this.value;
  }

  get #read(): Content {
    return (this.#content ??= read(this.text));
  }
}

/** The content of a text. */
interface Content {
  readonly value: unknown;
  /** The members or elements, if they are known. */
  readonly parts?: readonly Part[];
}

/** In characters. It is below the length of a text with more than `mostValues` values. */
const longestTried = 65_536;

/** Stands for a value with too many members or elements to make objects of. */
const tooLong = Symbol('too long');

function read(document: string): Content {
  if (!mayBeLong(document)) return { value: JSON.parse(document) };
  const { values, parts } = outline(document);
  if (values <= mostValues) return { value: JSON.parse(document) };
  if (parts === undefined) return { value: tooLong };
  const contents = shortOnes(parts);
  const isObject = document.trimStart().startsWith('{');
  const value = isObject ? Object.fromEntries(parts.map(({ name }, index) => [name, contents[index]])) : contents;
  return { value, parts };
}

/** The parts. They are parsed up to `mostValues` values, the short ones first. */
function shortOnes(parts: readonly Part[]): unknown[] {
  const parsed = new Set<Part>();
  let values = 0;
  for (const part of parts.toSorted((a, b) => a.values - b.values)) {
    values += part.values;
    if (values <= mostValues) parsed.add(part);
  }
  return parts.map((part) => (parsed.has(part) ? JSON.parse(part.text) : JsonText.part(part.text)));
}

function partOf(value: unknown, text: string): unknown {
  return value instanceof JsonText ? value : JsonText.part(text, { value });
}

/** The plain value of a value that may be JsonText. */
export function plainValue(value: unknown): unknown {
  return value instanceof JsonText ? value.value : value;
}

/** The members of an object in JsonText. Undefined for anything else. */
export function membersOf(value: unknown): Record<string, unknown> | undefined {
  return value instanceof JsonText ? value.members() : undefined;
}

/** The elements of an array in JsonText. Undefined for anything else. */
export function elementsOf(value: unknown): readonly unknown[] | undefined {
  return value instanceof JsonText ? value.elements() : undefined;
}

/** Like JSON.stringify, but JsonText keeps its original text. */
export function writeJson(value: unknown): string {
  return value instanceof JsonText ? value.text : JSON.stringify(value);
}

/** The beginning of a value as JSON, for error messages. */
export function briefJson(value: unknown): string {
  return (writeJson(value) ?? 'nothing').slice(0, 100);
}

/** An object with these members, written by writeJson. */
export function writeObject(members: readonly (readonly [name: string, value: unknown])[]): string {
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${writeJson(value)}`).join(',')}}`;
}
