import { freePort } from '../../../support/free-port.ts';
import { spawnAdapter, type ChildProcess } from '../../adapter-process.ts';
import { untilListening } from '../../http-client.ts';

/** The adapter as Knative starts it: the port in PORT, the service's name in K_SERVICE. */
export async function startOnPort(
  row: object,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly port: number; readonly adapter: ChildProcess }> {
  const port = await freePort();
  const adapter = spawnAdapter(row, { K_SERVICE: 'echo', PORT: String(port), ...environment });
  await untilListening(port, adapter);
  return { port, adapter };
}
