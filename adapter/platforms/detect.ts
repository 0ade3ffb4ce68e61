import { ConfigurationError } from '../../core/errors.ts';
import { type Environment, readChoice } from '../../core/settings.ts';
import type { Platform } from './platform.ts';
import { defaultPlatform, platforms } from './platforms.ts';

/**
 * The platform that runs this container, recognised by the variables that it sets (its marks) and by the arguments that
 * it gives. `MODELWHISK_PLATFORM` overrides them. The default is OpenWhisk.
 *
 * @param words the adapter's arguments
 * @throws ConfigurationError for an unknown `MODELWHISK_PLATFORM`, and for marks of two platforms
 */
export function detectPlatform(environment: Environment, words: readonly string[] = []): Platform {
  const names = platforms.map(({ name }) => name);
  const chosen = readChoice(environment, 'MODELWHISK_PLATFORM', names);
  if (chosen !== undefined) return platforms.find(({ name }) => name === chosen) ?? defaultPlatform;
  const line = words.join(' ');
  return (
    recognised(
      (platform) =>
        variableOf(environment, platform.marks) ??
        (platform.startArguments?.test(line) === true ? `the argument ${JSON.stringify(line)}` : undefined),
    ) ??
    recognised(({ weakMarks }) => weakMarks && variableOf(environment, weakMarks)) ??
    defaultPlatform
  );
}

/** @param markOf describes the platform's mark; undefined without it */
function recognised(markOf: (platform: Platform) => string | undefined): Platform | undefined {
  const found = platforms.flatMap((platform) => {
    const mark = markOf(platform);
    return mark === undefined ? [] : [{ platform, mark }];
  });
  const [first, second] = found;
  if (second === undefined) return first?.platform;
  const candidates = found.map(({ platform }) => JSON.stringify(platform.name)).join(' or ');
  const marks = found.map(({ mark }) => mark).join(' and ');
  throw new ConfigurationError('MODELWHISK_PLATFORM', undefined, `${candidates}, as the environment has ${marks}`);
}

function variableOf(environment: Environment, marks: RegExp): string | undefined {
  return Object.keys(environment).find((name) => marks.test(name) && environment[name]);
}
