import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { PlatformContext, RunningPlatform } from '../../platform.ts';

/**
 * Serves HTTP on the configured port until closed. Closing stops accepting connections, lets the calls in progress
 * finish, each with `Connection: close`, and drops connections that wait for a next request.
 *
 * A model server that did not start is thrown: such platforms look at the exit code and the log.
 *
 * @param address to listen on. Default: every address, IPv6 ones included where there are any
 */
export async function listen(
  context: PlatformContext,
  serve: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>,
  address?: string,
): Promise<RunningPlatform> {
  if (context.startFailure !== undefined) {
    await context.model.close();
    throw context.startFailure;
  }
  const inProgress = new Set<ServerResponse>();
  const server = createServer({ keepAliveTimeout }, (incoming, outgoing) => {
    inProgress.add(outgoing);
    outgoing.once('close', () => inProgress.delete(outgoing));
    if (!server.listening) outgoing.shouldKeepAlive = false;
    serve(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
  });
  server.listen(context.configuration.port, address);
  await once(server, 'listening');
  return {
    close: async () => {
      for (const outgoing of inProgress) outgoing.shouldKeepAlive = false;
      server.close();
      server.closeIdleConnections();
      await once(server, 'close');
    },
  };
}

/** Longer than the load balancers in front keep theirs (Google's: 600 s), so that they never use a closed one. */
const keepAliveTimeout = 620_000;
