import { ConfigurationError } from '../../core/errors.ts';
import { type Environment, readChoice, readPort } from '../../core/settings.ts';

/** The platforms that the adapter speaks; "http" is any host that calls a container over plain HTTP. */
export const platforms = ['openwhisk', 'lambda', 'azure', 'scf', 'http'] as const;
export type Platform = (typeof platforms)[number];

/**
 * The platform that runs this container, told by the variables it sets (facts/platforms.md, section 5).
 * `MODELWHISK_PLATFORM` wins over all of them; without any mark it is OpenWhisk.
 *
 * @throws ConfigurationError for an unknown `MODELWHISK_PLATFORM`, and for the marks of two platforms at once
 */
export function detectPlatform(environment: Environment): Platform {
  const chosen = readChoice(environment, 'MODELWHISK_PLATFORM', platforms);
  if (chosen !== undefined) return chosen;
  const found = marks.flatMap(({ platform, variable }) => {
    const name = Object.keys(environment).find((each) => variable.test(each) && environment[each]);
    return name === undefined ? [] : [{ platform, name }];
  });
  const [first, second] = found;
  if (first === undefined) return isSet(environment, 'PORT') ? 'http' : 'openwhisk';
  if (second === undefined) return first.platform;
  const candidates = found.map(({ platform }) => JSON.stringify(platform)).join(' or ');
  const names = found.map(({ name }) => name).join(' and ');
  throw new ConfigurationError('MODELWHISK_PLATFORM', undefined, `${candidates}, as the environment has ${names}`);
}

/**
 * The port to listen on where `MODELWHISK_PORT` names none: the one that the platform calls. Lambda calls none.
 *
 * @throws ConfigurationError when the variable in which the platform names it is missing or no port
 */
export function platformPort(platform: Platform, environment: Environment): number {
  switch (platform) {
    case 'openwhisk':
    case 'lambda':
      return 8080;
    case 'scf':
      return 9000;
    case 'http':
      return (isSet(environment, 'PORT') ? readPort(environment, 'PORT') : undefined) ?? 8080;
    case 'azure': {
      const name = 'FUNCTIONS_CUSTOMHANDLER_PORT';
      const port = readPort(environment, name);
      if (port === undefined) throw new ConfigurationError(name, undefined, 'a TCP port');
      return port;
    }
  }
}

/**
 * Milliseconds after which the front door opens even if the model server is still starting, so that the platform does
 * not take the container for dead and start everything anew; calls then wait for the model server. Undefined: as long
 * as it takes.
 *
 * Lambda allows 10 s, but for concurrency that is provisioned beforehand and for Managed Instances; SCF 30 s to
 * listen, Azure Functions 30 to 60 s (facts/platforms.md, sections 1 to 3).
 */
export function startPatience(platform: Platform, environment: Environment): number | undefined {
  switch (platform) {
    case 'lambda':
      return (environment['AWS_LAMBDA_INITIALIZATION_TYPE'] ?? 'on-demand') === 'on-demand' ? 9000 : undefined;
    case 'scf':
    case 'azure':
      return 25_000;
    case 'openwhisk':
    case 'http':
      return undefined;
  }
}

/** `PORT` is no mark: many images set it for their own server, so it decides only where nothing else does. */
const marks: readonly { platform: Platform; variable: RegExp }[] = [
  { platform: 'openwhisk', variable: /^__OW_/ },
  { platform: 'lambda', variable: /^AWS_LAMBDA_RUNTIME_API$/ },
  { platform: 'azure', variable: /^FUNCTIONS_CUSTOMHANDLER_PORT$/ },
  { platform: 'scf', variable: /^(TENCENTCLOUD_RUNENV$|SCF_)/ },
  { platform: 'http', variable: /^K_SERVICE$/ },
];

function isSet(environment: Environment, name: string): boolean {
  return environment[name] !== undefined && environment[name] !== '';
}
