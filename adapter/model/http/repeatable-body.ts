import { joined, Parts } from '../../../core/http/parts.ts';
import type { Body, BodyStream } from '../../http/message.ts';

/**
 * Keeps what is sent of a body that is still arriving, so that the body can be sent a second time: for a short time, and
 * not more than a megabyte.
 */
export class RepeatableBody {
  readonly #body: BodyStream;
  readonly #milliseconds: number;
  #until = 0;
  #sent: Parts | undefined;
  readonly #keep = (part: Buffer): void => {
    this.#sent?.add(part);
    if (performance.now() > this.#until || (this.#sent?.length ?? 0) > mostKept) this.#forget();
  };

  /** @param milliseconds after which a body cannot be sent again */
  constructor(body: BodyStream, milliseconds: number) {
    this.#body = body;
    this.#milliseconds = milliseconds;
  }

  /** The body with a hook that reports what is sent. */
  get body(): BodyStream {
    return { ...this.#body, onSending: () => this.#start() };
  }

  /** The whole body again, if that is possible. The earlier reader must have stopped. */
  again(): Body | undefined {
    const { stream, trailers } = this.#body;
    const sent = this.#sent;
    this.#forget();
    if (sent === undefined || stream.errored) return undefined;
    const start = joined(sent.take());
    // Nothing can be put back after the end. The trailers of such a body would be lost.
    if (stream.readableEnded) return trailers === undefined || trailers().length === 0 ? start : undefined;
    if (stream.destroyed) return undefined;
    stream.pause();
    stream.unshift(start);
    return this.#body;
  }

  #start(): void {
    this.#until = performance.now() + this.#milliseconds;
    this.#sent = new Parts();
    this.#body.stream.on('data', this.#keep);
  }

  #forget(): void {
    this.#body.stream.off('data', this.#keep);
    this.#sent = undefined;
  }
}

const mostKept = 1 << 20;
