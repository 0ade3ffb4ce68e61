import { setTimeout as sleep } from 'node:timers/promises';
import type { Header } from '../../../../adapter/http/message.ts';
import { eventually } from '../../../support/eventually.ts';
import { type ChildProcess, startListening } from '../../adapter-process.ts';
import { sendHttp } from '../../http-client.ts';

export interface Endpoint {
  readonly port: number;
  readonly adapter: ChildProcess;
}

/** The adapter as SageMaker starts it, with the argument `serve`, once it listens. */
export async function startContainer(
  row: object,
  environment: Readonly<Record<string, string>> = {},
): Promise<Endpoint> {
  return startListening(row, (port) => ({ SAGEMAKER_BIND_TO_PORT: port, ...environment }), {
    words: ['serve'],
  });
}

/** The same, once /ping says that calls may come. */
export async function startEndpoint(
  row: object,
  environment: Readonly<Record<string, string>> = {},
): Promise<Endpoint> {
  const endpoint = await startContainer(row, environment);
  await eventually('/ping is 200', async () => (await ping(endpoint.port)) === 200 || sleep(20, false), Boolean, 60);
  return endpoint;
}

/** The status of GET /ping. */
export async function ping(port: number): Promise<number> {
  const request = { method: 'GET', path: '/ping', query: '', headers: [], body: Buffer.alloc(0) };
  return (await sendHttp(port, request)).status;
}

/** The custom attributes by which a call names another route than the predict route. */
export function invocation(method: string, target: string): readonly Header[] {
  const attributes = `modelwhisk-path=${target.replaceAll(',', '%2C')},modelwhisk-method=${method}`;
  return [['X-Amzn-SageMaker-Custom-Attributes', attributes]];
}
