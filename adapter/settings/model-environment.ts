import type { Environment } from '../../core/settings.ts';
import { platforms } from '../platforms/platforms.ts';

/**
 * The variables that the model server gets of those that the adapter was started with: what the base image and the
 * operator set, and nothing of the adapter's or a platform's own.
 */
export function modelEnvironment(environment: Environment): Record<string, string> {
  const withheld = [adapterVariables, ...platforms.map((platform) => platform.withheld)];
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && !withheld.some((names) => names.test(name))) passed[name] = value;
  }
  return passed;
}

/** The settings, and what concerns the adapter's own loader and Node.js. */
const adapterVariables = /^(MODELWHISK_|LD_|NODE_OPTIONS$)/;
