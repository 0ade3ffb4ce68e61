import type { Engine, EngineName, EngineOptions } from './engine.ts';

/**
 * Makes the engine that was asked for, or else docker where its engine answers and registry where none does.
 *
 * @throws ModelwhiskError with a hint where the engine asked for cannot work here
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

// Each is loaded only where it is used: execa alone takes a tenth of a second.

async function dockerEngine(options: EngineOptions): Promise<Engine> {
  const { createDockerEngine } = await import('./docker/engine.ts');
  return createDockerEngine(options);
}

async function registryEngine(options: EngineOptions): Promise<Engine> {
  const { createRegistryEngine } = await import('./registry/engine.ts');
  return createRegistryEngine(options);
}
