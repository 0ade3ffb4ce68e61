import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { PageFiles } from '../page/files.ts';
import { defaultLimits, qualifiedName, type Action, type ActionLimits } from './action.ts';
import { guestKey } from './authentication.ts';
import { Controller, type EntityChange } from './controller.ts';
import { dispatch } from './dispatch.ts';
import { hostRefusal, isOwnHost } from './host-check.ts';
import { answerWhatNodeRefuses, parserOptions } from './http/parser-error.ts';
import { endReply } from './http/send-reply.ts';
import type { Activation, ActivationRequest } from './invoker/activation.ts';
import type { LogLine } from './invoker/logs.ts';
import { listen } from './listen.ts';
import { GatewayPage } from './page/page.ts';

export interface GatewayOptions {
  readonly actions: readonly Action[];
  /** Default: "guest". */
  readonly namespace?: string;
  /** Limits of actions that the REST API creates without. Default: 60,000 ms, one instance, 256 MB. */
  readonly limits?: Partial<ActionLimits>;
  /** `uuid:key` of the namespace. Default: the key of OpenWhisk standalone's guest. */
  readonly key?: string;
  /** Longest request body and longest result, in bytes. Default: 1,048,576 (`whisk.activation.payload.max`). */
  readonly payloadLimit?: number;
  /** Longest request target. Default: 8,192 (`pekko.http.server.parsing.max-uri-length`). */
  readonly uriLimit?: number;
  /**
   * Milliseconds in which the head of a request must arrive, and without a byte of its body after which its connection
   * is closed. Default: 60,000 (`pekko.http.server.idle-timeout`).
   */
  readonly idleLimit?: number;
  /** Milliseconds after which a caller gets 202 instead of the result. Default: 60,000. */
  readonly waitLimit?: number;
  /** The most activations to keep. Default: 200. */
  readonly activationsKept?: number;
  /** Host names under which it may be called, besides IP addresses and localhost. Default: any name. */
  readonly hosts?: readonly string[];
  /** Loads the files of the page at `/` on its first request. Default: no page. */
  readonly page?: (() => Promise<PageFiles>) | undefined;
  /** Called for each line that an instance writes, except the markers. */
  readonly onLog?: (action: Action, line: LogLine) => void;
  /** Called for each activation that has ended. */
  readonly onActivation?: (activation: Activation) => void;
  /** Called for each activation that was lost because its instance answered 503. It has no record. */
  readonly onLost?: (request: ActivationRequest) => void;
  /** Called with every action and package that was created, changed or deleted. */
  readonly onChange?: (change: EntityChange) => void;
}

/** OpenWhisk's controller and invoker on one machine. */
export interface Gateway {
  /**
   * Starts to listen and resolves to the base URL. Port 0 takes a free port. Rejects with GatewayError.
   *
   * @param portFlag the flag that the error's hint names, default "--port"
   */
  listen(port: number, host: string, portFlag?: string): Promise<string>;
  /** Starts an instance of each action, so that the first call finds one. */
  prewarm(): void;
  /** Stops listening and destroys all instances. */
  close(): Promise<void>;
}

/** Milliseconds and bytes, see GatewayOptions. */
export const gatewayDefaults = {
  payloadLimit: 1_048_576,
  uriLimit: 8192,
  idleLimit: 60_000,
  waitLimit: 60_000,
  activationsKept: 200,
} as const;

export function createGateway(options: GatewayOptions): Gateway {
  let apiHost = '';
  const settings = { key: guestKey, ...gatewayDefaults, ...options };
  const controller = new Controller({
    actions: options.actions,
    defaultLimits: { ...defaultLimits, ...options.limits },
    namespace: options.namespace ?? 'guest',
    key: settings.key,
    apiHost: () => apiHost,
    payloadLimit: settings.payloadLimit,
    resultLimit: settings.payloadLimit,
    waitLimit: settings.waitLimit,
    activationsKept: settings.activationsKept,
    onLog: options.onLog ?? (() => undefined),
    onActivation: (activation) => {
      page?.add(activation);
      options.onActivation?.(activation);
    },
    onLost: options.onLost ?? (() => undefined),
    onChange: options.onChange ?? (() => undefined),
  });
  const page =
    options.page &&
    new GatewayPage({
      files: options.page,
      namespace: controller.options.namespace,
      actions: () => controller.entities.actions(),
      load: () =>
        controller.entities.actions().map((action) => ({ action: qualifiedName(action), ...controller.load(action) })),
      activation: (id) => controller.activations.get(id),
      url: () => apiHost,
      limits: settings,
    });
  const serve = (message: IncomingMessage, response: ServerResponse): void => {
    const { host } = message.headers;
    if (options.hosts !== undefined && !isOwnHost(host, options.hosts)) refuseHost(response, host ?? '');
    else if (page?.handles(message) === true) void page.answer(message, response);
    else void dispatch(message, response, controller, settings);
  };
  const server = createServer(parserOptions(settings.idleLimit), serve);
  answerWhatNodeRefuses(server, settings.uriLimit);
  server.on('checkExpectation', serve);
  return {
    listen: async (port, host, portFlag = '--port') => {
      apiHost = await listen(server, port, host, portFlag);
      return apiHost;
    },
    prewarm: () => controller.prewarm(),
    close: async () => {
      page?.close();
      await controller.close();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

function refuseHost(response: ServerResponse, host: string): void {
  response.shouldKeepAlive = false;
  const text = hostRefusal(host);
  const headers = { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': Buffer.byteLength(text) };
  endReply(response.writeHead(403, headers), text);
}
