import { setTimeout as sleep } from 'node:timers/promises';
import { BatchSpanProcessor, OTLPTraceExporter, type SpanExporter, type SpanProcessor } from './opentelemetry.ts';

/** Milliseconds for which nobody waits for a collector that did not answer in time. */
const patience = 60_000;

/** Collects spans and sends them in batches. A collector that is away costs calls nothing, and is logged once. */
export class Outbox {
  /** For the SDK's provider. */
  readonly processor: SpanProcessor;
  readonly #batches: BatchSpanProcessor;
  readonly #exporter = new OTLPTraceExporter();
  readonly #endpoint: string;
  #isFailing = false;
  #awayUntil = 0;
  /** How many spans have ended, and how many of them were in a request. */
  #ended = 0;
  #sent = 0;
  #sending: Promise<void> | undefined;

  /**
   * @param endpoint for messages
   * @param sendsAtOnce whether to send after each call, and not only in intervals
   */
  constructor(endpoint: string, sendsAtOnce: boolean) {
    this.#endpoint = endpoint;
    const batches = new BatchSpanProcessor(this.#observedExporter());
    this.#batches = batches;
    this.processor = {
      onStart: (span, parent) => batches.onStart(span, parent),
      onEnd: (span) => {
        batches.onEnd(span);
        this.#ended += 1;
        // After the reply, whose last byte is sent in this turn.
        if (sendsAtOnce) setImmediate(() => void this.#send());
      },
      forceFlush: async () => batches.forceFlush(),
      shutdown: async () => batches.shutdown(),
    };
  }

  /** Resolves when all spans are sent, after `milliseconds`, or at once if the collector did not answer lately. */
  async flush(milliseconds: number): Promise<void> {
    if (this.#sent === this.#ended || Date.now() < this.#awayUntil) return;
    await this.#within(milliseconds, this.#send());
  }

  /** Sends what is left, within `milliseconds`. */
  async close(milliseconds: number): Promise<void> {
    await this.#within(milliseconds, this.#batches.shutdown());
  }

  /** One request at a time: what ends meanwhile goes with the next one. Never rejects. */
  #send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = undefined));
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    do {
      const upTo = this.#ended;
      await this.#batches.forceFlush().catch(() => undefined);
      // Also what the processor's timer has begun to send.
      await this.#exporter.forceFlush().catch(() => undefined);
      this.#sent = upTo;
    } while (this.#sent < this.#ended && !this.#isFailing);
  }

  async #within(milliseconds: number, done: Promise<void>): Promise<void> {
    const isLate = await Promise.race([
      done.then(
        () => false,
        () => false,
      ),
      sleep(milliseconds, true, { ref: false }),
    ]);
    if (isLate) this.#awayUntil = Date.now() + patience;
  }

  #observedExporter(): SpanExporter {
    const exporter = this.#exporter;
    return {
      export: (spans, done) =>
        exporter.export(spans, (result) => {
          this.#report(result.error);
          done(result);
        }),
      shutdown: async () => exporter.shutdown(),
    };
  }

  #report(error: Error | undefined): void {
    if (error !== undefined) this.#awayUntil = Date.now() + patience;
    if (error !== undefined && !this.#isFailing) {
      console.error(`modelwhisk: spans do not reach ${this.#endpoint}: ${error.message}`);
    }
    this.#isFailing = error !== undefined;
  }
}
