import { jsonParts } from './scan.ts';
import { isJsonObject } from './object.ts';

/**
 * A JSON value with its original text. The text goes to the model server, because a double cannot hold all digits of
 * 12345678901234567890 or 0.1000000000000000055, and does not distinguish 1.0 from 1.
 */
export class JsonText {
  /** The result of JSON.parse. */
  readonly value: unknown;
  readonly text: string;

  /** @param text valid JSON of the value, without white space around it */
  constructor(value: unknown, text: string) {
    this.value = value;
    this.text = text;
  }

  /** Parses a document. Throws SyntaxError like JSON.parse. */
  static parse(document: string): JsonText {
    return new JsonText(JSON.parse(document), document.trim());
  }

  /** The members of an object. Numbers, arrays and objects are JsonText. Undefined if the value is not an object. */
  members(): Record<string, unknown> | undefined {
    const { value } = this;
    if (!isJsonObject(value)) return undefined;
    return Object.fromEntries(jsonParts(this.text).map(({ name, text }) => [name, withText(value[name], text)]));
  }

  /** The elements of an array. Numbers, arrays and objects are JsonText. Undefined if the value is not an array. */
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

/** An object with these members, written by writeJson. */
export function writeObject(members: readonly (readonly [name: string, value: unknown])[]): string {
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${writeJson(value)}`).join(',')}}`;
}

/** Strings, true, false and null lose nothing as plain values. */
function withText(value: unknown, text: string): unknown {
  return /^["tfn]/.test(text) ? value : new JsonText(value, text);
}
