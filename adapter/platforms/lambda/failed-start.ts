import { functionError } from './function-error.ts';
import { RuntimeApi } from './runtime-api.ts';

/**
 * Reports to Lambda why the function cannot start, for callers and the log. Errors of the report are ignored, because
 * the process exits in any case.
 *
 * @param runtimeApi host and port
 */
export async function reportFailedStart(runtimeApi: string, failure: unknown): Promise<void> {
  const api = new RuntimeApi(runtimeApi);
  await api.failInit(functionError(failure)).catch(() => undefined);
  api.close();
}
