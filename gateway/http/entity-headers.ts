import { parseHostAndPort } from './header-values/uri.ts';
import { parseContentType, renderContentType, type ContentType } from './media-type.ts';
import type { Header } from './message.ts';
import { Refusal } from './refusal.ts';

/** Collects the headers that describe the entity. pekko-http keeps them apart from the other headers. */
export class EntityHeaders {
  #count = 0;
  #contentType: ContentType | undefined;
  #contentLength: string | undefined;
  #isChunked = false;
  #hasHost = false;

  /** Takes a header and returns true if it describes the entity. Throws Refusal if it contradicts an earlier one. */
  take([name, value]: Header): boolean {
    if (this.#count >= maximumHeaders) throw tooManyHeaders();
    this.#count += 1;
    switch (name.toLowerCase()) {
      case 'content-length':
        this.#takeLength(value);
        return true;
      case 'content-type':
        return this.#takeType(value);
      case 'transfer-encoding':
        return this.#takeTransferEncoding(value);
      case 'host':
        if (this.#hasHost) throw new Refusal(400, 'HTTP message must not contain more than one Host header');
        this.#hasHost = parseHostAndPort(value) !== undefined;
        return false;
      default:
        return false;
    }
  }

  check(method: string): { readonly contentType: ContentType | undefined; readonly isChunked: boolean } {
    if (this.#count >= maximumHeaders) throw tooManyHeaders();
    const hasBody = this.#isChunked || Number(this.#contentLength ?? 0) > 0;
    if (hasBody && ['HEAD', 'TRACE', 'CONNECT'].includes(method)) {
      throw new Refusal(422, `${method} requests must not have an entity`);
    }
    if (this.#isChunked && this.#contentLength !== undefined) {
      throw new Refusal(400, 'A chunked request must not contain a Content-Length header');
    }
    return { contentType: this.#contentType, isChunked: this.#isChunked };
  }

  #takeLength(value: string): void {
    if (this.#contentLength !== undefined && this.#contentLength !== value) {
      throw new Refusal(400, 'HTTP message must not contain more than one Content-Length header');
    }
    this.#contentLength = value;
  }

  #takeType(value: string): boolean {
    const parsed = parseContentType(value);
    // pekko-http treats a malformed Content-Type like any other header.
    if (parsed === undefined) return false;
    if (this.#contentType !== undefined && renderContentType(this.#contentType) !== renderContentType(parsed)) {
      throw new Refusal(400, 'HTTP message must not contain more than one Content-Type header');
    }
    this.#contentType = parsed;
    return true;
  }

  #takeTransferEncoding(value: string): boolean {
    const codings = value.split(',').map((coding) => coding.trim());
    if (codings.includes('')) return false;
    const [coding = '', ...others] = codings;
    if (others.length > 0 || this.#isChunked)
      throw new Refusal(400, 'Multiple Transfer-Encoding entries not supported');
    if (coding.toLowerCase() !== 'chunked') throw new Refusal(400, `Unsupported Transfer-Encoding '${coding}'`);
    this.#isChunked = true;
    return true;
  }
}

/** pekko.http.server.parsing.max-header-count. The empty line at the end counts as one. */
const maximumHeaders = 64;

function tooManyHeaders(): Refusal {
  return new Refusal(400, `HTTP message contains more than the configured limit of ${maximumHeaders} headers`);
}
