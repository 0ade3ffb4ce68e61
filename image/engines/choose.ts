import type { Engine, EngineName, EngineOptions } from './engine.ts';

/**
 * Creates the requested engine. Default: docker if a Docker engine answers, else registry.
 *
 * @throws ModelwhiskError with a hint if the requested engine cannot work here
 */
export async function chooseEngine(wanted: EngineName | undefined, options: EngineOptions): Promise<Engine> {
  const engine = wanted === 'registry' ? await registryEngine(options) : await dockerEngine(options);
  try {
    await engine.check();
    return engine;
  } catch (error) {
    if (wanted !== undefined) throw error;
    const instead = await registryEngine(options);
    await instead.check();
    return instead;
  }
}

// Each is loaded only if it is used: execa alone takes 0.1 s.

async function dockerEngine(options: EngineOptions): Promise<Engine> {
  const { createDockerEngine } = await import('./docker/engine.ts');
  return createDockerEngine(options);
}

async function registryEngine(options: EngineOptions): Promise<Engine> {
  const { createRegistryEngine } = await import('./registry/engine.ts');
  return createRegistryEngine(options);
}
