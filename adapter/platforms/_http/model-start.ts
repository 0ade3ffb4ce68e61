import { operatorMessage } from '../../errors.ts';
import type { PlatformContext, RunningPlatform } from '../platform.ts';

/**
 * For platforms that listen before the model is ready: if the model cannot start, logs the reason and ends the process
 * with code 1, as on the other platforms over HTTP, which use the exit code and the log.
 */
export function endIfModelFails(model: PlatformContext['model'], running: RunningPlatform): RunningPlatform {
  let closing = false;
  model.ready().catch((error: unknown) => {
    if (closing) return;
    console.error(`modelwhisk: ${operatorMessage(error)}`);
    process.exit(1);
  });
  return {
    close: () => {
      closing = true;
      return running.close();
    },
  };
}
