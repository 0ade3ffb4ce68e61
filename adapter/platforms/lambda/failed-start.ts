import { functionError } from './function-error.ts';
import { RuntimeApi } from './runtime-api.ts';

/**
 * Tells Lambda why the function cannot start, so that the reason reaches callers and the log. Does nothing more where
 * Lambda does not listen: the process exits in any case.
 *
 * @param runtimeApi host and port
 */
export async function reportFailedStart(runtimeApi: string, failure: unknown): Promise<void> {
  const api = new RuntimeApi(runtimeApi);
  await api.failInit(functionError(failure)).catch(() => undefined);
  api.close();
}
