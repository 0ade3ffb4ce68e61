import { setMaxListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { PageRun } from '../../page/wire.ts';
import { readBody, type BodyLimits } from '../http/read-request.ts';
import type { LoadCall } from './load-call.ts';

/** Sends one call many times to the gateway over HTTP, like any other client. */
export class LoadRun {
  readonly #url: () => string;
  readonly #tell: (run: PageRun) => void;
  readonly #limits: BodyLimits;
  #running: AbortController | undefined;

  /**
   * @param tell called after each call with the progress
   * @param limits of the body of a call
   */
  constructor(url: () => string, tell: (run: PageRun) => void, limits: BodyLimits) {
    this.#url = url;
    this.#tell = tell;
    this.#limits = limits;
  }

  /**
   * Starts a run and stops the previous one. The query has `target`, `calls` and `concurrency`; each call gets the
   * body and the Content-Type of this request.
   *
   * @returns why it cannot start; undefined if it has started
   */
  async start(message: IncomingMessage): Promise<string | undefined> {
    const query = new URL(message.url ?? '/', 'http://gateway').searchParams;
    const target = query.get('target') ?? '';
    const calls = Number(query.get('calls'));
    const concurrency = Number(query.get('concurrency'));
    if (!target.startsWith('/api/v1/web/'))
      return `target is ${JSON.stringify(target)}; expected the path of an action`;
    if (!isFrom1To(100_000, calls)) return `calls is ${query.get('calls')}; expected a number from 1 to 100000`;
    if (!isFrom1To(256, concurrency))
      return `concurrency is ${query.get('concurrency')}; expected a number from 1 to 256`;
    const { body, bodyLength } = await readBody(message, this.#limits);
    const { payloadLimit } = this.#limits;
    if (bodyLength > payloadLimit) return `the body has ${bodyLength} bytes; expected at most ${payloadLimit}`;
    const type = message.headers['content-type'];
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
    const call: LoadCall = body.length > 0 ? { method: 'POST', headers, body } : { method: 'GET', headers };
    this.stop();
    const controller = new AbortController();
    // Each of the calls that run at a time listens to it.
    setMaxListeners(0, controller.signal);
    this.#running = controller;
    void this.#run(new URL(target, this.#url()), call, { calls, concurrency, signal: controller.signal });
    return undefined;
  }

  stop(): void {
    this.#running?.abort();
  }

  async #run(
    url: URL,
    call: LoadCall,
    { calls, concurrency, signal }: { calls: number; concurrency: number; signal: AbortSignal },
  ): Promise<void> {
    // Loading it takes 0.1 s, and few gateways send calls themselves.
    const { succeeds } = await import('./load-call.ts');
    const began = performance.now();
    let begun = 0;
    let ended = 0;
    let failed = 0;
    const callOneAfterTheOther = async (): Promise<void> => {
      while (begun < calls && !signal.aborted) {
        begun += 1;
        const isGood = await succeeds(url, call, signal);
        if (signal.aborted) return;
        ended += 1;
        if (!isGood) failed += 1;
        this.#tell({ calls, ended, failed, duration: performance.now() - began });
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, calls) }, callOneAfterTheOther));
  }
}

function isFrom1To(most: number, value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}
