import { handlerClient } from '../adapter/platforms/azure/custom-handler.ts';
import { sendThroughHost } from '../adapter/platforms/azure/http-trigger.ts';
import { fixture } from '../adapter/platforms/lambda/fixtures.ts';
import { httpApi } from '../adapter/platforms/lambda/front-ends.ts';
import { startEmulatorContainer } from '../adapter/platforms/lambda/rie.ts';
import { FakeRuntimeApi } from '../adapter/platforms/lambda/runtime-api.ts';
import { lambdaEnvironment } from '../adapter/platforms/lambda/start-lambda.ts';
import { scfEnvironment, scfFunction, type ScfFunction } from '../adapter/platforms/scf/host.ts';
import { sendHttp } from '../adapter/http-client.ts';
import type { ClientReply, ClientRequest, PlatformClient } from '../contract/platform-client.ts';
import { startStrictContainer, whenListening } from './container.ts';
import { freePort } from './free-port.ts';
import { lacks } from './requirements.ts';
import { startWebAction } from './web-action.ts';

type StartPlatformContainer = (image: string) => Promise<PlatformClient>;
type PlatformContainer = readonly [name: string, start: StartPlatformContainer];

const emulator: PlatformContainer = [
  "a Lambda function under AWS's Runtime Interface Emulator, by a recorded event",
  emulatedLambda,
];

/**
 * The ways to run an image: a container in the environment of each platform, called by the hosts in
 * test/adapter/platforms that stand for the platforms. Every container has a read-only root file system and a user
 * that is unknown in its image.
 */
export const platformContainers: readonly PlatformContainer[] = [
  ['an OpenWhisk web action', openWhisk],
  ['a Lambda function, by a recorded event of an HTTP API', lambda],
  ...(lacks('aws-lambda-rie') ? [] : [emulator]),
  ['an SCF web function', scf((host, request) => host.web(request))],
  ['an SCF event function behind API Gateway', scf((host, request) => host.trigger('gateway', request))],
  ["an Azure function's custom handler", azure],
  ['a Knative service', knative],
];

async function openWhisk(image: string): Promise<PlatformClient> {
  const { url, close } = await startWebAction(image);
  const { port, pathname } = new URL(url);
  return { send: (request) => sendHttp(Number(port), { ...request, path: `${pathname}${request.path}` }), close };
}

async function lambda(image: string): Promise<PlatformClient> {
  const api = new FakeRuntimeApi();
  const settings = { AWS_LAMBDA_RUNTIME_API: await api.listen(), ...lambdaEnvironment };
  // The Runtime API is on a loopback address, as in a Lambda sandbox.
  const { close } = await startStrictContainer(image, '--network', 'host', ...environment(settings));
  return {
    send: async (request) => httpApi.reply(await api.invoke(recordedEvent(request), request.timeLimit)),
    close: async () => {
      await close();
      await api.close();
    },
  };
}

async function emulatedLambda(image: string): Promise<PlatformClient> {
  const { invoke, stop } = await startEmulatorContainer(image);
  return {
    send: async (request) => {
      const body = Buffer.from(JSON.stringify(await invoke(recordedEvent(request))));
      return httpApi.reply({ kind: 'response', headers: {}, body });
    },
    close: stop,
  };
}

/** The recorded event with the request's path, type and body. */
function recordedEvent({ path, headers, body }: ClientRequest): object {
  const event = fixture('http-api') as { headers: object; requestContext: { stage: string; http: object } };
  const { stage, http } = event.requestContext;
  const rawPath = `/${stage}${path}`;
  return {
    ...event,
    rawPath,
    headers: { ...event.headers, 'content-length': String(body.length), ...Object.fromEntries(headers) },
    requestContext: { ...event.requestContext, http: { ...http, path: rawPath } },
    body: Buffer.from(body).toString('base64'),
    isBase64Encoded: true,
  };
}

function scf(call: (host: ScfFunction, request: ClientRequest) => Promise<ClientReply>): StartPlatformContainer {
  return async (image) => {
    const { address, close } = await startStrictContainer(image, ...environment(scfEnvironment));
    const host = scfFunction(9000, address);
    return { send: (request) => whenListening(() => call(host, request)), close };
  };
}

async function azure(image: string): Promise<PlatformClient> {
  const port = await freePort();
  const settings = environment({ FUNCTIONS_CUSTOMHANDLER_PORT: String(port) });
  // On Azure the host is in the same container and calls a loopback address.
  const { close } = await startStrictContainer(image, '--network', 'host', ...settings);
  const handler = handlerClient(port);
  return { send: (request) => whenListening(() => sendThroughHost(handler, 'forwarding', request)), close };
}

async function knative(image: string): Promise<PlatformClient> {
  const settings = environment({ K_SERVICE: 'digits', K_REVISION: 'digits-00001', PORT: '8012' });
  const { address, close } = await startStrictContainer(image, ...settings);
  return { send: (request) => whenListening(() => sendHttp(8012, request, address)), close };
}

function environment(variables: Readonly<Record<string, string>>): string[] {
  return Object.entries(variables).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
}
