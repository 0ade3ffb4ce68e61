import { type IncomingMessage, request } from 'node:http';

/**
 * Registers this process as a Lambda extension without events. Without an extension, Lambda kills the container without
 * the SIGTERM that lets calls and the model server end properly (AWS Lambda developer guide, runtimes-extensions-api).
 * If Lambda refuses, for example in an emulator, nothing else changes.
 */
export async function registerExtension(runtimeApi: string, stopping: AbortSignal): Promise<void> {
  const base = `http://${runtimeApi}/2020-01-01/extension`;
  const registered = await call('POST', `${base}/register`, { 'lambda-extension-name': 'modelwhisk' }, '{"events":[]}');
  const id = registered?.headers['lambda-extension-identifier'];
  if (registered?.statusCode !== 200 || typeof id !== 'string') return;
  // Asking for the next event reports that the extension has started. No event will come.
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
