import { ConfigurationError } from '../../core/errors.ts';
import { type Environment, readChoice } from '../../core/settings.ts';
import type { Platform } from './platform.ts';
import { defaultPlatform, platforms } from './platforms.ts';

/**
 * The platform that runs this container, recognised by the variables that it sets (its marks). `MODELWHISK_PLATFORM`
 * overrides them. The default is OpenWhisk.
 *
 * @throws ConfigurationError for an unknown `MODELWHISK_PLATFORM`, and for marks of two platforms
 */
export function detectPlatform(environment: Environment): Platform {
  const names = platforms.map(({ name }) => name);
  const chosen = readChoice(environment, 'MODELWHISK_PLATFORM', names);
  if (chosen !== undefined) return platforms.find(({ name }) => name === chosen) ?? defaultPlatform;
  return (
    recognised(environment, ({ marks }) => marks) ??
    recognised(environment, ({ weakMarks }) => weakMarks) ??
    defaultPlatform
  );
}

function recognised(environment: Environment, marksOf: (platform: Platform) => RegExp | undefined) {
  const found = platforms.flatMap((platform) => {
    const marks = marksOf(platform);
    const variable = Object.keys(environment).find((name) => marks?.test(name) === true && environment[name]);
    return variable === undefined ? [] : [{ platform, variable }];
  });
  const [first, second] = found;
  if (second === undefined) return first?.platform;
  const candidates = found.map(({ platform }) => JSON.stringify(platform.name)).join(' or ');
  const variables = found.map(({ variable }) => variable).join(' and ');
  throw new ConfigurationError('MODELWHISK_PLATFORM', undefined, `${candidates}, as the environment has ${variables}`);
}
