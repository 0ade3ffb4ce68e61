import { discardBody } from '../http/body.ts';
import { decodeText } from '../http/charset.ts';
import type { ModelResponse, WholeRequest } from '../http/message.ts';
import type { ListBody, ListFormat } from './list-format.ts';
import { headersKey, sharedHeaders } from './shared-headers.ts';

/** A call that may share a request with others. */
export class BatchCall {
  readonly request: WholeRequest;
  /** The reply for the caller. */
  readonly reply: Promise<ModelResponse>;
  readonly #format: ListFormat;
  #keyed: KeyedList | undefined | 'not read' = 'not read';
  #fulfil: (response: ModelResponse) => void = discard;
  #reject: (error: unknown) => void = discard;

  constructor(request: WholeRequest, format: ListFormat) {
    this.request = request;
    this.#format = format;
    this.reply = new Promise((fulfil, reject) => {
      this.#fulfil = fulfil;
      this.#reject = reject;
    });
  }

  /** Undefined if the call cannot share a request. It is read on first use, because a single call does not need it. */
  get keyed(): KeyedList | undefined {
    if (this.#keyed === 'not read') this.#keyed = this.#read();
    return this.#keyed;
  }

  get hasLeft(): boolean {
    return this.request.signal.aborted;
  }

  fulfil(response: ModelResponse): void {
    if (this.#fulfil === discard) discardBody(response.body);
    this.#fulfil(response);
    this.#settle();
  }

  reject(error: unknown): void {
    this.#reject(error);
    this.#settle();
  }

  #settle(): void {
    this.#fulfil = discard;
    this.#reject = discard;
  }

  #read(): KeyedList | undefined {
    const { body, query, headers, outer } = this.request;
    const text = decodeText(body, 'utf-8');
    if (text === undefined || asksForStream.test(text)) return undefined;
    const list = this.#format.read(text);
    if (list === undefined) return undefined;
    return { list, key: JSON.stringify([query, headersKey(sharedHeaders(headers)), outer, list.frame]) };
  }
}

interface KeyedList {
  readonly list: ListBody;
  /** Calls with equal keys may share a request. */
  readonly key: string;
}

/** A stream of events cannot be divided. */
const asksForStream = /"stream"\s*:\s*true/;

function discard(): void {
  // The call has its reply already.
}
