import { type IncomingMessage, request } from 'node:http';

/**
 * Registers this process as an extension of Lambda's that wants no events: a container without one is killed without
 * the SIGTERM that lets calls and model server end in order (AWS Lambda developer guide, runtimes-extensions-api).
 * Where Lambda refuses, for example in an emulator, all is as it would be without.
 */
export async function registerExtension(runtimeApi: string, stopping: AbortSignal): Promise<void> {
  const base = `http://${runtimeApi}/2020-01-01/extension`;
  const registered = await call('POST', `${base}/register`, { 'lambda-extension-name': 'modelwhisk' }, '{"events":[]}');
  const id = registered?.headers['lambda-extension-identifier'];
  if (registered?.statusCode !== 200 || typeof id !== 'string') return;
  // Asking for the next event is what says that the extension has started; none ever comes.
  void call('GET', `${base}/event/next`, { 'lambda-extension-identifier': id }, '', stopping);
}

function call(
  method: string,
  url: string,
  headers: Record<string, string>,
  body: string,
  signal?: AbortSignal,
): Promise<IncomingMessage | undefined> {
  return new Promise((resolve) => {
    const outgoing = request(url, { method, headers, ...(signal && { signal }) }, (incoming) => {
      incoming.resume();
      resolve(incoming);
    });
    outgoing.on('error', () => resolve(undefined));
    outgoing.end(body);
  });
}
