import type { FetchPolicy } from '../fetch/policy.ts';
import { unlessAborted } from './abort.ts';
import type { ModelServer } from './model-server.ts';
import { installArchive } from '../archive/install-archive.ts';
import type { Archive } from '../archive/settings.ts';

/**
 * A model server that is created after its archive is installed. It finds the directory in its environment.
 *
 * @param environment the archive's variable is added to it; `create` has to use it
 */
export function createAfterArchive(
  archive: Archive,
  policy: FetchPolicy,
  environment: Record<string, string | undefined>,
  create: () => Promise<ModelServer>,
): ModelServer {
  const closing = new AbortController();
  const created = installArchive(archive, policy, closing.signal).then((directory) => {
    environment[archive.variable] = directory;
    return create();
  });
  created.catch(() => undefined); // ready() and handle() report it.
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
    renewConnections() {
      void created.then(
        (model) => model.renewConnections?.(),
        () => undefined,
      );
    },
    async close() {
      closing.abort();
      const model = await created.catch(() => undefined);
      await model?.close();
    },
  };
}
