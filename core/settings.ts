import { ConfigurationError } from './errors.ts';

/** A process's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting as docs/settings.md describes it. One that no list of these has is refused as unknown. */
export interface Setting {
  readonly name: string;
  /** What it does and what it takes, in Markdown. */
  readonly meaning: string;
  /** What it is where it is not set, as its user would write it. */
  readonly default?: string;
  /** What happens where it is not set and no one value says so, in Markdown. */
  readonly otherwise?: string;
}

/**
 * The text of a setting; undefined when it is not set.
 *
 * @param pattern what all of the text has to match
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
 * A setting that is one of a few words; undefined when it is not set.
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
 * A setting that is a whole number without sign, of no more digits than its largest value has, and without leading
 * zeros where 0 is no value; undefined when it is not set.
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
 * A setting that is a TCP port; undefined when it is not set.
 *
 * @throws ConfigurationError
 */
export function readPort(environment: Environment, name: string): number | undefined {
  return readWholeNumber(environment, name, 'a TCP port', { most: 65_535 });
}
