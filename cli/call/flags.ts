import { ConfigurationError } from '../../core/errors.ts';

// Each function parses the value of one flag, for commander.

export const readConcurrency = wholeNumber('--concurrency', 1, 10_000);
export const readRepeat = wholeNumber('--repeat', 1, 1_000_000_000);
export const readRetry = wholeNumber('--retry', 0, 100);

export function readRate(value: string): number {
  const rate = /^\d+(\.\d+)?$/.test(value) ? Number(value) : 0;
  if (rate <= 0) throw new ConfigurationError('--rate', value, 'calls a second, for example 20 or 0.5');
  return rate;
}

/** Milliseconds. */
export const readDuration = time('--duration');
export const readTimeout = time('--timeout');

/** `USER:PASSWORD` of OpenWhisk. */
export function readAuth(value: string): string {
  if (/^[^:]+:.+$/.test(value)) return value;
  throw new ConfigurationError('--auth', value, 'USER:PASSWORD, as AUTH in ~/.wskprops');
}

/** Adds NAME=VALUE. */
export function readHeader(value: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, text] = /^([!#$%&'*+.^`|~\w-]+)=([\t\x20-\x7e]*)$/.exec(value) ?? [];
  if (name === undefined || text === undefined) {
    throw new ConfigurationError('--header', value, 'NAME=VALUE, for example Authorization=Bearer …');
  }
  return { ...before, [name]: text };
}

export function readUrl(value: string | undefined): URL {
  const url = value !== undefined && URL.canParse(value) ? new URL(value) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new ConfigurationError('URL', value, 'an http or https URL, for example that of a web action');
}

function wholeNumber(flag: string, least: number, most: number): (value: string) => number {
  return (value) => {
    const number = /^\d{1,10}$/.test(value) ? Number(value) : -1;
    if (number >= least && number <= most) return number;
    throw new ConfigurationError(flag, value, `a whole number from ${least} to ${most}`);
  };
}

function time(flag: string): (value: string) => number {
  return (value) => {
    const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(value) ?? [];
    const milliseconds = Number(number) * (units[unit] ?? Number.NaN);
    if (milliseconds > 0) return milliseconds;
    throw new ConfigurationError(flag, value, 'a number followed by ms, s, m or h, for example 30s');
  };
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
