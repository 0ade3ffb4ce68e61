import { startListening, type ChildProcess, type SpawnOptions } from '../../adapter-process.ts';

/** The adapter as Knative starts it: the port in PORT, the service's name in K_SERVICE. */
export async function startOnPort(
  row: object,
  environment: Readonly<Record<string, string>> = {},
  options: SpawnOptions = {},
): Promise<{ readonly port: number; readonly adapter: ChildProcess }> {
  return startListening(row, (port) => ({ K_SERVICE: 'echo', PORT: port, ...environment }), options);
}
