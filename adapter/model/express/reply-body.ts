import type { Header } from '../../http/message.ts';

/** Reads the body of a reply from the bytes after the head, and detects its end (RFC 9112, section 6.3). */
export interface BodyReader {
  /** Whether the whole body has been read. Later bytes are not part of the reply. */
  readonly isComplete: boolean;
  /** Whether the end of the connection is the regular end of the body. */
  readonly endsWithConnection: boolean;
  /** Header fields after the body. */
  readonly trailers: readonly Header[];
  /** Calls `take` with the bytes of the body. Throws an Error if the bytes are malformed. */
  read(bytes: Buffer, take: (part: Buffer) => void): void;
}

/** A body with a stated length. */
export class LengthBody implements BodyReader {
  readonly endsWithConnection = false;
  readonly trailers: readonly Header[] = [];
  #left: number;

  constructor(length: number) {
    this.#left = length;
  }

  get isComplete(): boolean {
    return this.#left === 0;
  }

  read(bytes: Buffer, take: (part: Buffer) => void): void {
    const part = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes;
    this.#left -= part.length;
    if (part.length > 0) take(part);
  }
}

/** A body that ends with the connection. */
export class UnendingBody implements BodyReader {
  readonly isComplete = false;
  readonly endsWithConnection = true;
  readonly trailers: readonly Header[] = [];

  read(bytes: Buffer, take: (part: Buffer) => void): void {
    take(bytes);
  }
}

/** A chunked body: each chunk follows a line with its length; trailers come last (RFC 9112, section 7.1). */
export class ChunkedBody implements BodyReader {
  readonly endsWithConnection = false;
  readonly trailers: Header[] = [];
  isComplete = false;
  #expects: 'size' | 'data' | 'end of data' | 'trailer' = 'size';
  #line = '';
  #left = 0;

  read(bytes: Buffer, take: (part: Buffer) => void): void {
    let position = 0;
    while (position < bytes.length && !this.isComplete) {
      position = this.#expects === 'data' ? this.#data(bytes, position, take) : this.#untilLineEnd(bytes, position);
    }
  }

  #data(bytes: Buffer, start: number, take: (part: Buffer) => void): number {
    const end = Math.min(start + this.#left, bytes.length);
    this.#left -= end - start;
    if (this.#left === 0) this.#expects = 'end of data';
    take(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
    return end;
  }

  #untilLineEnd(bytes: Buffer, start: number): number {
    const end = bytes.indexOf('\n', start);
    this.#line += bytes.toString('latin1', start, end === -1 ? bytes.length : end);
    if (this.#line.length > longestLine) throw new Error('a line of the chunked body is too long');
    if (end === -1) return bytes.length;
    const line = this.#line.endsWith('\r') ? this.#line.slice(0, -1) : this.#line;
    this.#line = '';
    this.#takeLine(line);
    return end + 1;
  }

  #takeLine(line: string): void {
    if (this.#expects === 'end of data') {
      if (line !== '') throw new Error('a chunk is longer than it says');
      this.#expects = 'size';
    } else if (this.#expects === 'size') {
      const [, size] = /^([\da-f]{1,12})\s*(?:;.*)?$/i.exec(line) ?? [];
      if (size === undefined) throw new Error(`${JSON.stringify(line.slice(0, 100))} is not the size of a chunk`);
      this.#left = Number.parseInt(size, 16);
      this.#expects = this.#left === 0 ? 'trailer' : 'data';
    } else if (line === '') {
      this.isComplete = true;
    } else {
      const colon = line.indexOf(':');
      if (colon > 0) this.trailers.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
    }
  }
}

const longestLine = 65_536;
