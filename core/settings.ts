import { ConfigurationError } from './errors.ts';

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting, described for docs/settings.md. A setting without a description is refused as unknown. */
export interface Setting {
  readonly name: string;
  /** Its effect and its values, in Markdown. */
  readonly meaning: string;
  /** Its default value. */
  readonly default?: string;
  /** What applies by default, if that is not one value. In Markdown. */
  readonly otherwise?: string;
}

/**
 * The text of a setting. Undefined if it is not set.
 *
 * @param pattern must match the whole text
 * @param expectation completes "expected …"
 * @throws ConfigurationError
 */
export function readText(
  environment: Environment,
  name: string,
  pattern: RegExp,
  expectation: string,
): string | undefined {
  const text = environment[name];
  if (text === undefined || pattern.test(text)) return text;
  throw new ConfigurationError(name, text, expectation);
}

/**
 * A setting that is one of a few words. Undefined if it is not set.
 *
 * @throws ConfigurationError
 */
export function readChoice<const Choice extends string>(
  environment: Environment,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = environment[name];
  const choice = choices.find((each) => each === text);
  if (text === undefined || choice !== undefined) return choice;
  throw new ConfigurationError(name, text, choices.map((each) => JSON.stringify(each)).join(' or '));
}

/**
 * A setting that is a whole number from `least` to `most`. Undefined if it is not set. A sign is refused, as are more
 * digits than `most` has and, if `least` is 1, leading zeros.
 *
 * @param expectation completes "expected …", for example "whole milliseconds"
 * @throws ConfigurationError
 */
export function readWholeNumber(
  environment: Environment,
  name: string,
  expectation: string,
  { least = 0, most }: { readonly least?: 0 | 1; readonly most: number },
): number | undefined {
  const digits = String(most).length;
  const pattern = least === 0 ? `^\\d{1,${digits}}$` : `^[1-9]\\d{0,${digits - 1}}$`;
  const text = readText(environment, name, new RegExp(pattern), expectation);
  const number = text === undefined ? undefined : Number(text);
  if (number === undefined || number <= most) return number;
  throw new ConfigurationError(name, text, expectation);
}

/**
 * A setting that is a TCP port. Undefined if it is not set.
 *
 * @throws ConfigurationError
 */
export function readPort(environment: Environment, name: string): number | undefined {
  return readWholeNumber(environment, name, 'a TCP port', { most: 65_535 });
}
