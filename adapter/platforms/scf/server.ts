import type { PlatformContext, RunningPlatform } from '../../platform.ts';
export function startScf(_context: PlatformContext): Promise<RunningPlatform> {
  return Promise.reject(new Error('not written yet'));
}
