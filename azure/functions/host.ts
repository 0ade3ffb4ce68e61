import { createServer } from 'node:http';
import { messageOf } from '../../core/errors.ts';
import type { PageFiles } from '../../page/files.ts';
import { sendText } from '../http.ts';
import { type Listening, listen } from '../listen.ts';
import type { FunctionApp } from './app.ts';
import { connectionsOf } from './connections.ts';
import { Handler } from './handler.ts';
import { answerHttpTrigger } from './http-trigger.ts';
import { sendPageFile } from './page-file.ts';
import { serveQueues } from './queue-trigger.ts';

export interface HostOptions {
  readonly app: FunctionApp;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** What the handler's process gets besides the app's settings. */
  readonly environment: Readonly<Record<string, string>>;
  /** Files of the page at `/`. Loaded on its first request. */
  readonly page: () => Promise<PageFiles>;
  /** Whether it may be called under a Host header, so that no web page reaches it by DNS rebinding. */
  readonly isOwnHost: (host: string | undefined) => boolean;
  /** Called with every line of the handler's output, and every problem. */
  readonly onLine: (line: string) => void;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
}

/**
 * Stands in for the Azure Functions host with a custom handler, on this machine: HTTP triggers, the negotiation of
 * SignalR, and queue triggers with a SignalR output. Also serves a page. Rejects with ModelwhiskError.
 */
export async function startFunctionsHost(options: HostOptions): Promise<Listening> {
  const { app, host, port, onLine } = options;
  const connections = connectionsOf(app);
  const handler = await Handler.start({ ...app, ...options });
  const server = createServer((request, response) => {
    if (!options.isOwnHost(request.headers.host)) {
      sendText(response, 403, 'This name is not one of this host. Call it by localhost or its IP address.');
      return;
    }
    answerHttpTrigger(request, response, { app, connections, handler })
      .then(async (isAnswered) => isAnswered || sendPageFile(request, response, options.page))
      .catch((error: unknown) => {
        onLine(messageOf(error));
        if (response.headersSent) response.destroy();
        else sendText(response, 502, messageOf(error));
      });
  });
  const ended = new AbortController();
  try {
    const listening = await listen(server, port, host);
    const queues = serveQueues({ app, connections, handler, onLine }, ended.signal);
    return {
      url: listening.url,
      close: async () => {
        ended.abort();
        await Promise.all([listening.close(), queues]);
        await handler.stop();
      },
    };
  } catch (error) {
    await handler.stop();
    throw error;
  }
}
