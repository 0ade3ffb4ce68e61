import { RegistryError } from './errors.ts';

/** The registry requires a login. */
export function notLoggedIn(registry: string, status?: number): RegistryError {
  return new RegistryError('REGISTRY_UNAUTHORIZED', `not logged in to ${registry}`, {
    hint: `run ${loginCommand(registry)}, or set REGISTRY_USERNAME and REGISTRY_PASSWORD`,
    ...(status !== undefined && { status }),
  });
}

/** The user is unknown to the registry, or the password is wrong. */
export function credentialsRefused(registry: string, status?: number): RegistryError {
  return new RegistryError('REGISTRY_UNAUTHORIZED', `${registry} refused these credentials`, {
    hint: `run ${loginCommand(registry)} again, or correct REGISTRY_USERNAME and REGISTRY_PASSWORD`,
    ...(status !== undefined && { status }),
  });
}

/** The command that stores credentials for a registry. Docker Hub needs no name in it. */
export function loginCommand(registry: string): string {
  return registry === 'docker.io' ? 'docker login' : `docker login ${registry}`;
}
