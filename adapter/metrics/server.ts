import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { ConfigurationError } from '../../core/errors.ts';
import { isReady } from '../call/is-ready.ts';
import { listenOn } from '../http/listen-on.ts';
import type { ModelServer } from '../model/model-server.ts';
import type { Metrics } from './metrics.ts';

/** Where operators ask. */
export interface MetricsDoor {
  readonly port: number;
  /** IP address; undefined for all. */
  readonly address: string | undefined;
}

/**
 * Serves `/metrics`, `/livez` (200 as long as the process lives) and `/readyz` (200 if calls can be answered, else 503) until
 * the process ends. Rejects with ConfigurationError if it cannot listen.
 */
export async function serveMetrics(
  { port, address }: MetricsDoor,
  metrics: Metrics,
  model: Pick<ModelServer, 'ready'>,
): Promise<void> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    answer(incoming.url ?? '', outgoing, metrics, model).catch((error: unknown) => outgoing.destroy(error as Error));
  });
  const listening = once(server, 'listening');
  listenOn(server, port, address);
  await listening.catch((cause: unknown) => {
    throw new ConfigurationError('MODELWHISK_METRICS_PORT', port, 'a TCP port that is free', { cause });
  });
  server.unref();
}

async function answer(
  url: string,
  outgoing: ServerResponse,
  metrics: Metrics,
  model: Pick<ModelServer, 'ready'>,
): Promise<void> {
  const [path = ''] = url.split('?', 1);
  const say = (status: number, text: string, type = 'text/plain; charset=utf-8'): void => {
    outgoing.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
  };
  switch (path) {
    case '/metrics': {
      const { contentType, text } = await metrics.read();
      say(200, text, contentType);
      return;
    }
    case '/livez':
      say(200, 'ok\n');
      return;
    case '/readyz':
      if (await isReady(model)) say(200, 'ok\n');
      else say(503, 'the model is not ready\n');
      return;
    default:
      say(404, 'there are /metrics, /livez and /readyz\n');
  }
}
