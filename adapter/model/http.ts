import { constants } from 'node:os';
import { isRefused, ModelServerError } from '../errors.ts';
import type { HttpServerRow } from '../../core/row.ts';
import { readAhead } from '../http/body.ts';
import type { BodyStream, ModelRequest, ModelResponse } from '../http/message.ts';
import type { Environment } from '../../core/settings.ts';
import { signalNumber } from '../../core/signal.ts';
import { type BaseCommand, serverCommand, serverEnvironment } from './http/command.ts';
import { unlessAborted } from './abort.ts';
import { applyFailureRule } from './http/failure.ts';
import type { HealthOptions } from './http/health.ts';
import { withoutStreaming } from './http/no-stream.ts';
import { type RunningServer, startServer } from './http/running-server.ts';
import { exitOf, wasKilled } from './http/server-exit.ts';
import { type RestartPolicy, defaultRestartPolicy, supervise } from './http/supervisor.ts';
import type { ModelServer } from './model-server.ts';

export interface HttpModelServerOptions {
  /** The `server` part of the model's row. */
  readonly server: HttpServerRow;
  /** How the base image starts its server. */
  readonly base: BaseCommand;
  /** The variables that it starts with, besides the row's and the base image's. */
  readonly environment: Environment;
  /** Told each line the model server writes, after "model: ", and what happens to it. */
  readonly log: (line: string) => void;
  /** Working directory of the model server. Default: the adapter's, which is the image's. */
  readonly directory?: string;
  /** Milliseconds the model server may take to become ready. Default 300,000, OpenWhisk's longest time limit. */
  readonly startTimeout?: number;
  /** Milliseconds between the base image's stop signal and SIGKILL when the model server is stopped. Default 3000. */
  readonly stopGrace?: number;
  /** Longest body, in bytes, that is read whole where it has to be. Default 32 MiB. */
  readonly maximumBody?: number;
  readonly restart?: Partial<RestartPolicy>;
  /** How often the server is asked whether it is well, see watchHealth. */
  readonly health?: Pick<HealthOptions, 'pause'>;
}

/**
 * A model server in any language: started as a child process by the base image's own entrypoint and command, called
 * over loopback HTTP, restarted when it dies or hangs. It starts at once; `ready()` tells when it can be called.
 *
 * Calls go through node:http with a keep-alive agent. Measured by bench/http-client.ts (50 KB POST, median, Node 20,
 * against a bare socket in the same run): 1.26 × where connections are kept (undici 7: 1.30 ×), 0.99 × where the
 * server closes each, as Flask does under HTTP/1.0 (undici: 1.62 ×). With all that client.ts adds, a call takes
 * 0.13 ms longer than over the bare socket.
 */
export function createHttpModelServer(options: HttpModelServerOptions): ModelServer {
  const { server: row, base, log, maximumBody = 32 * 1024 * 1024 } = options;
  let closed = false;
  let configured: Readonly<Record<string, string>> = {};
  let launch: (() => void) | undefined;
  const launched = new Promise<void>((resolve) => (launch = resolve));

  const supervisor = supervise({
    log,
    policy: { ...defaultRestartPolicy, ...options.restart },
    start: async (signal) =>
      startServer(
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
          onLaunch: () => launch?.(),
        },
        signal,
      ).finally(() => launch?.()),
  });

  return {
    launched,
    async ready() {
      await supervisor.running();
    },
    async handle(request) {
      const { streamsReply = false } = request;
      const sent = row.forceNoStream && !streamsReply ? await unstreamed(request) : request;
      for (let repeated = false; ;) {
        const server = await unlessAborted(
          request.signal,
          'the model server was not ready in time',
          supervisor.running(),
        );
        const began = performance.now();
        try {
          const response = followed(await server.client.call(sent), server);
          const reply = await applyFailureRule(row.failure, response, { streamsReply, limit: maximumBody });
          if (reply.status >= 400) server.health.callFailed();
          return reply;
        } catch (error) {
          const isWhole = Buffer.isBuffer(sent.body);
          if (isRefused(error)) {
            // It died unnoticed, in the background; the call never reached it and can wait for the next one.
            supervisor.lost(server, 'no longer accepts connections');
          } else if (
            !repeated &&
            !closed &&
            isWhole &&
            performance.now() - began < sameInstant &&
            (await wasKilled(server, error))
          ) {
            repeated = true;
          } else {
            throw await explain(server, error);
          }
        }
      }
    },
    async configure(environment) {
      // What OpenWhisk says of the activation comes with every /init; the model would be loaded twice for it.
      const given = Object.entries(environment).filter(([name]) => !name.startsWith('__OW_'));
      if (given.some(([name, value]) => configured[name] !== value)) {
        configured = { ...configured, ...Object.fromEntries(given) };
        await supervisor.replace();
      }
      await supervisor.running();
    },
    close: async () => {
      closed = true;
      await supervisor.close();
    },
  };

  /** A body that is too long to be read whole is left alone. */
  async function unstreamed(request: ModelRequest): Promise<ModelRequest> {
    const body = await readAhead(request.body, maximumBody);
    return Buffer.isBuffer(body) ? withoutStreaming({ ...request, body }) : { ...request, body };
  }

  /** Tells the supervisor of the reply's end, and whoever reads the reply why it broke off. */
  function followed(response: ModelResponse, server: RunningServer): ModelResponse {
    const { status, body } = response;
    if (Buffer.isBuffer(body)) {
      supervisor.answered(server, status < 400);
      return response;
    }
    body.stream.once('end', () => supervisor.answered(server, status < 400));
    const stream: BodyStream = {
      ...body,
      explain: async (error) => explain(server, (await body.explain?.(error)) ?? error),
    };
    return { ...response, body: stream };
  }

  async function explain(server: RunningServer, error: unknown): Promise<unknown> {
    if (!(error instanceof ModelServerError)) return error;
    if (error.code === 'MODEL_TIMEOUT') supervisor.timedOut(server);
    if (error.code !== 'MODEL_CRASHED') return error;
    if (closed) return new ModelServerError('SHUT_DOWN', 'the model server was stopped', { cause: error });
    server.health.callFailed();
    const exit = await exitOf(server);
    if (exit === undefined) return error;
    return new ModelServerError('MODEL_CRASHED', `the model server ${exit.what} during the call`, {
      output: server.lastOutput(),
      hint: 'It is restarted; the next call waits for it',
      cause: error,
    });
  }
}

/**
 * Milliseconds within which a call that ends with the server, killed from outside, was sent in the moment of that. The
 * call goes to the next server, once: what ran out of memory was killed by a SIGKILL, too.
 */
const sameInstant = 250;
