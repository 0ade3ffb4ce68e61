import { RegistryError } from './errors.ts';

/** Nobody has logged in, and the registry wants to know who we are. */
export function notLoggedIn(registry: string, status?: number): RegistryError {
  return new RegistryError('REGISTRY_UNAUTHORIZED', `not logged in to ${registry}`, {
    hint: `run ${loginCommand(registry)}, or set REGISTRY_USERNAME and REGISTRY_PASSWORD`,
    ...(status !== undefined && { status }),
  });
}

/** The registry does not know the user, or not by this password. */
export function credentialsRefused(registry: string, status?: number): RegistryError {
  return new RegistryError('REGISTRY_UNAUTHORIZED', `${registry} refused these credentials`, {
    hint: `run ${loginCommand(registry)} again, or correct REGISTRY_USERNAME and REGISTRY_PASSWORD`,
    ...(status !== undefined && { status }),
  });
}

/** The command that stores credentials for a registry, which needs no name for Docker Hub. */
export function loginCommand(registry: string): string {
  return registry === 'docker.io' ? 'docker login' : `docker login ${registry}`;
}
