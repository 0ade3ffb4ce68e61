import type { Environment } from '../../../core/settings.ts';
import { functionError } from './function-error.ts';
import { RuntimeApi } from './runtime-api.ts';

/**
 * Tells Lambda why the function cannot start, so that the reason reaches callers and the log. Does nothing on other
 * platforms, and nothing more where Lambda does not listen: the process exits in any case.
 */
export async function reportFailedStart(environment: Environment, failure: unknown): Promise<void> {
  const runtimeApi = environment['AWS_LAMBDA_RUNTIME_API'];
  if (!runtimeApi) return;
  const api = new RuntimeApi(runtimeApi);
  await api.failInit(functionError(failure)).catch(() => undefined);
  api.close();
}
