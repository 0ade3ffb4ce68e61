import { constants } from 'node:os';
import type { HttpServerRow } from '../../core/row.ts';
import type { Environment } from '../../core/settings.ts';
import { signalNumber } from '../../core/signal.ts';
import { createCaller } from './http/caller.ts';
import { type BaseCommand, serverCommand, serverEnvironment } from './http/command.ts';
import type { ForwardLine } from './http/forward-output.ts';
import type { HealthOptions } from './http/health.ts';
import { startServer } from './http/running-server.ts';
import { type RestartPolicy, defaultRestartPolicy, supervise } from './http/supervisor.ts';
import type { ModelServer } from './model-server.ts';

export interface HttpModelServerOptions {
  /** The `server` part of the model's row. */
  readonly server: HttpServerRow;
  /** How the base image starts its server. */
  readonly base: BaseCommand;
  /** Variables for the server, in addition to those of the row and the base image. */
  readonly environment: Environment;
  /** Receives messages about the model server. */
  readonly log: (line: string) => void;
  /** Takes each line of the model server. Default: it goes to `log`, with "model: " in front. */
  readonly forward?: ForwardLine;
  /** Working directory of the model server. Default: the adapter's, which is the image's WORKDIR. */
  readonly directory?: string;
  /** Milliseconds the model server may take to become ready. Default 300,000, OpenWhisk's longest time limit. */
  readonly startTimeout?: number;
  /** Milliseconds between the base image's stop signal and SIGKILL when the model server is stopped. Default 3000. */
  readonly stopGrace?: number;
  /** Longest body that is read as a whole if necessary, in bytes. Default 32 MiB. */
  readonly maximumBody?: number;
  readonly restart?: Partial<RestartPolicy>;
  /** Called each time that a server that was ready is lost and restarted. */
  readonly onRestart?: (() => void) | undefined;
  /** How often the server's health is checked, see watchHealth. */
  readonly health?: Pick<HealthOptions, 'pause'>;
}

/**
 * A model server in any language. It runs as a child process with the base image's entrypoint and command, is called
 * over HTTP on loopback, and is restarted when it exits or hangs. It starts immediately; `ready()` resolves when it can
 * be called.
 *
 * Calls use node:http with a keep-alive agent. bench/http-client.ts compares it with a bare socket (50 KB POST, median,
 * Node 20): 1.26 × with kept connections (undici 7: 1.30 ×), 0.99 × if the server closes each connection, as Flask does
 * under HTTP/1.0 (undici: 1.62 ×). With all of client.ts, a call takes 0.13 ms longer than with the bare socket.
 */
export function createHttpModelServer(options: HttpModelServerOptions): ModelServer {
  const { server: row, base, log, maximumBody = 32 * 1024 * 1024 } = options;
  const forward: ForwardLine =
    options.forward ??
    ((line) => {
      log(`model: ${line}`);
      return undefined;
    });
  let closed = false;
  let configured: Readonly<Record<string, string>> = {};
  let launch: (() => void) | undefined;
  const launched = new Promise<void>((resolve) => (launch = resolve));

  const supervisor = supervise({
    log,
    policy: { ...defaultRestartPolicy, ...options.restart },
    ...(options.onRestart && { onRestart: options.onRestart }),
    start: async (signal) => {
      try {
        return await startServer(
          {
            row,
            argv: serverCommand(row, base),
            environment: serverEnvironment(row, base, options.environment, configured),
            directory: options.directory ?? process.cwd(),
            startTimeout: options.startTimeout ?? 300_000,
            stopSignal: signalNumber(base.stopSignal ?? '') ?? constants.signals.SIGTERM,
            stopGrace: options.stopGrace ?? 3000,
            maximumBody,
            ...(options.health && { health: options.health }),
            log,
            forward,
            onLaunch: () => launch?.(),
          },
          signal,
        );
      } finally {
        // Also without a command to start, because callers wait for the launch.
        launch?.();
      }
    },
  });

  return {
    launched,
    async ready() {
      await supervisor.running();
    },
    handle: createCaller({ row, supervisor, maximumBody, isClosed: () => closed }),
    async configure(environment) {
      // Every /init has OpenWhisk's variables of the activation. A restart for them would load the model twice.
      const given = Object.entries(environment).filter(([name]) => !name.startsWith('__OW_'));
      if (given.some(([name, value]) => configured[name] !== value)) {
        configured = { ...configured, ...Object.fromEntries(given) };
        await supervisor.replace();
      }
      await supervisor.running();
    },
    renewConnections() {
      void supervisor.running().then(
        ({ client }) => client.renew(),
        () => undefined,
      );
    },
    close: async () => {
      closed = true;
      await supervisor.close();
    },
  };
}
