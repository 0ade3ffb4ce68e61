import { eventually } from '../../../support/eventually.ts';
import { type ChildProcess, startListening } from '../../adapter-process.ts';
import { sendHttp } from '../../http-client.ts';

export interface Endpoint {
  readonly port: number;
  readonly adapter: ChildProcess;
}

/** The routes that Vertex AI has by default. */
export const healthRoute = '/v1/endpoints/1/deployedModels/2';
export const predictRoute = '/v1/endpoints/1/deployedModels/2:predict';

/** What Vertex AI sets in the environment of a custom container. */
export function vertexEnvironment(port: string): Readonly<Record<string, string>> {
  return {
    AIP_HTTP_PORT: port,
    AIP_HEALTH_ROUTE: healthRoute,
    AIP_PREDICT_ROUTE: predictRoute,
    AIP_MODE: 'PREDICTION',
    AIP_STORAGE_URI: 'gs://bucket/model',
  };
}

/** The adapter as Vertex AI starts it, once it listens. */
export async function startContainer(
  row: object,
  environment: Readonly<Record<string, string>> = {},
): Promise<Endpoint> {
  return startListening(row, (port) => ({ ...vertexEnvironment(port), ...environment }));
}

/** The same, once it is healthy. */
export async function startEndpoint(
  row: object,
  environment: Readonly<Record<string, string>> = {},
): Promise<Endpoint> {
  const endpoint = await startContainer(row, environment);
  await eventually(
    'the health route is 200',
    () => health(endpoint.port),
    (status) => status === 200,
    60,
  );
  return endpoint;
}

/** The status of the health route. */
export async function health(port: number): Promise<number> {
  const request = { method: 'GET', path: healthRoute, query: '', headers: [], body: Buffer.alloc(0) };
  return (await sendHttp(port, request)).status;
}
