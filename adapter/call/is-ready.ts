import type { ModelServer } from '../model/model-server.ts';

/**
 * Whether calls can be answered now. Nothing is waited for, and the model server is not asked, so that the answer comes at
 * once however busy it is.
 */
export async function isReady(model: Pick<ModelServer, 'ready'>): Promise<boolean> {
  const ready = model.ready().then(
    () => true,
    () => false,
  );
  // A model that is ready says so within this turn of the event loop.
  const now = new Promise<boolean>((resolve) => setImmediate(() => resolve(false)));
  return Promise.race([ready, now]);
}
