import type { FetchPolicy } from '../fetch/policy.ts';
import { unlessAborted } from './abort.ts';
import type { ModelServer } from './model-server.ts';
import { placeArchive } from '../archive/install-archive.ts';
import type { Archive } from '../archive/settings.ts';

/**
 * A model server that is created once its archive is unpacked, and finds the directory in its environment.
 *
 * @param environment gets the archive's variable; what `create` makes has to start from it
 */
export function createAfterArchive(
  archive: Archive,
  policy: FetchPolicy,
  environment: Record<string, string | undefined>,
  create: () => Promise<ModelServer>,
): ModelServer {
  const closing = new AbortController();
  const created = placeArchive(archive, policy, closing.signal).then((directory) => {
    environment[archive.variable] = directory;
    return create();
  });
  created.catch(() => undefined); // Reported by ready() and handle(), whoever asks first.
  return {
    async ready() {
      await (await created).ready();
    },
    async handle(request) {
      const model = await unlessAborted(request.signal, 'the model server was not ready in time', created);
      return model.handle(request);
    },
    async configure(variables) {
      await (await created).configure(variables);
    },
    async close() {
      closing.abort();
      const model = await created.catch(() => undefined);
      await model?.close();
    },
  };
}
