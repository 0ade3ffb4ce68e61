import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PageFiles } from '../../page/files.ts';
import { gatewayPolicy, securityHeaders } from '../../page/security.ts';
import type { PageLoad } from '../../page/wire.ts';
import type { Action } from '../action.ts';
import { endReply } from '../http/send-reply.ts';
import { hasLeft, type BodyLimits } from '../http/read-request.ts';
import type { Activation } from '../invoker/activation.ts';
import { describeAction } from './describe-action.ts';
import { EventStream } from './event-stream.ts';
import { describeActivation } from './describe-activation.ts';
import { LoadRun } from './load-run.ts';

export interface PageOptions {
  readonly files: () => Promise<PageFiles>;
  readonly namespace: string;
  readonly actions: () => readonly Action[];
  readonly load: () => readonly PageLoad[];
  readonly activation: (id: string) => Activation | undefined;
  /** Where the gateway listens. */
  readonly url: () => string;
  /** Of the body of a call. */
  readonly limits: BodyLimits;
}

/** The page at `/`, and its files and API under `/_page/`. All other paths belong to OpenWhisk. */
export class GatewayPage {
  readonly #options: PageOptions;
  #files: Promise<PageFiles> | undefined;
  readonly #events: EventStream;
  readonly #run: LoadRun;

  constructor(options: PageOptions) {
    this.#options = options;
    const { actions, load, namespace } = options;
    this.#events = new EventStream({
      actions: () => actions().map((each) => describeAction(each, namespace)),
      load,
    });
    this.#run = new LoadRun(options.url, (run) => this.#events.setRun(run), options.limits);
  }

  /** Whether a request is for the page. */
  handles(message: IncomingMessage): boolean {
    const path = pathOf(message);
    return path === '/' || path.startsWith('/_page/');
  }

  /** Answers a request for which `handles` is true. Never rejects. */
  async answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of headers) response.setHeader(name, value);
    try {
      if (isFromElsewhere(message)) {
        sendText(response, 403, 'Other web pages may not use this one. Open it by its own address.');
        return;
      }
      await this.#answer(message, response);
    } catch (error) {
      if (!hasLeft(message)) console.error(error);
      response.destroy();
    }
  }

  /** Shows an activation that has ended. */
  add(activation: Activation): void {
    void describeActivation(activation).then((described) => this.#events.add(described));
  }

  close(): void {
    this.#run.stop();
    this.#events.close();
  }

  async #answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { files, activation } = this.#options;
    const path = pathOf(message);
    this.#files ??= files();
    const file = (await this.#files).get(path);
    const [, id] = /^\/_page\/activations\/(\w{1,64})\/logs$/.exec(path) ?? [];
    if (path === '/_page/run') await this.#answerRun(message, response);
    else if (message.method !== 'GET' && message.method !== 'HEAD')
      sendText(response, 405, 'Only GET is allowed here.');
    else if (file !== undefined) send(response, 200, file.contentType, file.content);
    else if (path === '/_page/events') this.#events.serve(response);
    else if (id !== undefined) sendJson(response, (await activation(id)?.outcome.logs) ?? null);
    else sendText(response, 404, 'There is nothing here. The page is at /.');
  }

  async #answerRun(message: IncomingMessage, response: ServerResponse): Promise<void> {
    if (message.method === 'DELETE') {
      this.#run.stop();
      response.writeHead(204).end();
      return;
    }
    if (message.method !== 'POST') {
      sendText(response, 405, 'Only POST, which starts a run, and DELETE, which stops it, are allowed here.');
      return;
    }
    const refusal = await this.#run.start(message);
    if (refusal === undefined) response.writeHead(202).end();
    else sendText(response, 400, refusal);
  }
}

const headers = Object.entries(securityHeaders(gatewayPolicy));

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/';
}

/**
 * Browsers send the origin of a request (https://w3c.github.io/webappsec-fetch-metadata). Links to the page itself work
 * from any site.
 */
function isFromElsewhere(message: IncomingMessage): boolean {
  const { 'sec-fetch-site': site = 'none', 'sec-fetch-mode': mode } = message.headers;
  if (site === 'none' || site === 'same-origin') return false;
  return !(mode === 'navigate' && pathOf(message) === '/');
}

function send(response: ServerResponse, status: number, contentType: string, content: Uint8Array | string): void {
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(content) });
  endReply(response, content);
}

function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'text/plain; charset=utf-8', text);
}

function sendJson(response: ServerResponse, value: unknown): void {
  if (value === null) sendText(response, 404, 'It is no longer kept.');
  else send(response, 200, 'application/json', JSON.stringify(value));
}
