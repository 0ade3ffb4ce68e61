import { constants } from 'node:os';
import { isRefused, ModelServerError } from '../errors.ts';
import type { HttpServerRow } from '../../core/row.ts';
import { discardBody, readAhead } from '../http/body.ts';
import type { BodyStream, ModelRequest, ModelResponse } from '../http/message.ts';
import type { Environment } from '../../core/settings.ts';
import { signalNumber } from '../../core/signal.ts';
import { type BaseCommand, serverCommand, serverEnvironment } from './http/command.ts';
import { unlessAborted } from './abort.ts';
import { pauseWhileBusy } from './http/busy.ts';
import { applyFailureRule } from './http/failure.ts';
import type { ForwardLine } from './http/forward-output.ts';
import type { HealthOptions } from './http/health.ts';
import { withoutStreaming } from './http/no-stream.ts';
import { RepeatableBody } from './http/repeatable-body.ts';
import { type RunningServer, startServer } from './http/running-server.ts';
import { exitOf, wasKilled } from './http/server-exit.ts';
import { type RestartPolicy, defaultRestartPolicy, supervise } from './http/supervisor.ts';
import type { ModelServer } from './model-server.ts';
import { atOuterAddress } from './outer-address.ts';

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
    async handle(request) {
      const { streamsReply = false } = request;
      const whole = row.busy === undefined ? request : await readWhole(request);
      const sent = row.forceNoStream && !streamsReply ? await unstreamed(whole) : whole;
      const repeatable = Buffer.isBuffer(sent.body) ? undefined : new RepeatableBody(sent.body, sameInstant);
      let outgoing = repeatable === undefined ? sent : { ...sent, body: repeatable.body };
      let refusals = 0;
      for (let repeated = false; ;) {
        const server = await unlessAborted(
          request.signal,
          'the model server was not ready in time',
          supervisor.running(),
        );
        const began = performance.now();
        const callEnded = server.callBegan();
        try {
          const response = followed(await server.client.call(outgoing), server, callEnded);
          const reply = await applyFailureRule(row.failure, response, { streamsReply, limit: maximumBody });
          if (reply.status >= 400) server.health.callFailed();
          if (reply.status === row.busy && Buffer.isBuffer(sent.body)) {
            await pauseWhileBusy(reply, refusals, request.signal);
            refusals += 1;
            continue;
          }
          return atOuterAddress(reply, sent, row.port);
        } catch (error) {
          callEnded();
          if (isRefused(error)) {
            // A background server has ended unnoticed. The call never reached it, so it can wait for the restart.
            supervisor.lost(server, 'no longer accepts connections');
            continue;
          }
          const isRepeated: boolean =
            !repeated && !closed && performance.now() - began < sameInstant && (await wasKilled(server, error));
          const body = Buffer.isBuffer(outgoing.body) ? outgoing.body : repeatable?.again();
          if (!isRepeated || body === undefined) {
            if (repeatable !== undefined) discardBody(outgoing.body);
            throw await explain(server, error);
          }
          outgoing = { ...outgoing, body };
          repeated = true;
        }
      }
    },
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

  /** Turns off streaming in the request's JSON. A body over the limit stays unchanged. */
  async function unstreamed(request: ModelRequest): Promise<ModelRequest> {
    const { body, ...others } = await readWhole(request);
    return Buffer.isBuffer(body) ? withoutStreaming({ ...others, body }) : { ...others, body };
  }

  /** A body that is too long to be read whole stays a stream. */
  async function readWhole(request: ModelRequest): Promise<ModelRequest> {
    return { ...request, body: await readAhead(request.body, maximumBody, { signal: request.signal }) };
  }

  /** Reports the reply's end to the supervisor, and explains an interrupted reply. */
  function followed(response: ModelResponse, server: RunningServer, callEnded: () => void): ModelResponse {
    const { status, body } = response;
    if (Buffer.isBuffer(body)) {
      callEnded();
      supervisor.answered(server, status < 400);
      return response;
    }
    body.stream.once('close', callEnded);
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
    const loss = supervisor.lossOf(server);
    if (exit === undefined && loss === undefined) return error;
    // A server that was stopped because of a problem exits as well.
    const what = exit?.what === loss || loss === undefined ? `${exit?.what} during the call` : loss;
    return new ModelServerError('MODEL_CRASHED', `the model server ${what}`, {
      output: server.lastOutput(),
      hint: 'It is restarted; the next call waits for it',
      cause: error,
    });
  }
}

/**
 * If the server is killed from outside within these milliseconds after a call was sent, the call is repeated once on
 * the next server. Only once, because a SIGKILL may also mean that this call needs too much memory.
 */
const sameInstant = 250;
