import { jsonParts } from './scan.ts';
import { isJsonObject } from './object.ts';

/**
 * A JSON value together with the text that it was read from. The text is what goes on to a model server: a double has no
 * room for all digits of 12345678901234567890 or 0.1000000000000000055, and does not know 1.0 from 1.
 */
export class JsonText {
  /** As JSON.parse reads it. */
  readonly value: unknown;
  readonly text: string;

  /** @param text valid JSON of the value, without white space around it */
  constructor(value: unknown, text: string) {
    this.value = value;
    this.text = text;
  }

  /** Reads a document. Throws SyntaxError as JSON.parse does. */
  static parse(document: string): JsonText {
    return new JsonText(JSON.parse(document), document.trim());
  }

  /** An object's members: numbers, arrays and objects as JsonText, all others as they are. Undefined for no object. */
  members(): Record<string, unknown> | undefined {
    const { value } = this;
    if (!isJsonObject(value)) return undefined;
    return Object.fromEntries(jsonParts(this.text).map(({ name, text }) => [name, withText(value[name], text)]));
  }

  /** An array's elements in the same way. Undefined for no array. */
  elements(): unknown[] | undefined {
    const { value } = this;
    if (!Array.isArray(value)) return undefined;
    return jsonParts(this.text).map(({ text }, index) => withText(value[index], text));
  }

  toString(): string {
    return this.text;
  }

  toJSON(): unknown {
    return this.value;
  }
}

/** The value itself, whether or not it comes with its text. */
export function plainValue(value: unknown): unknown {
  return value instanceof JsonText ? value.value : value;
}

/** The members of an object that comes with its text; undefined for anything else. */
export function membersOf(value: unknown): Record<string, unknown> | undefined {
  return value instanceof JsonText ? value.members() : undefined;
}

/** The elements of an array that comes with its text; undefined for anything else. */
export function elementsOf(value: unknown): readonly unknown[] | undefined {
  return value instanceof JsonText ? value.elements() : undefined;
}

/** JSON.stringify, but that JsonText is written as it was read. */
export function writeJson(value: unknown): string {
  return value instanceof JsonText ? value.text : JSON.stringify(value);
}

/** The object with these members, written in the same way. */
export function writeObject(members: readonly (readonly [name: string, value: unknown])[]): string {
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${writeJson(value)}`).join(',')}}`;
}

/** Strings, true, false and null have no digits to lose. */
function withText(value: unknown, text: string): unknown {
  return /^["tfn]/.test(text) ? value : new JsonText(value, text);
}
