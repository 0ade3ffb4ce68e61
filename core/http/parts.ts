/** Collects the parts of a body. Small parts after the first are copied into blocks. */
export class Parts {
  length = 0;
  readonly #parts: Buffer[] = [];
  #block: Buffer | undefined;
  #used = 0;

  add(part: Buffer): void {
    this.length += part.length;
    if (part.length >= smallPart || this.length === part.length) {
      this.#closeBlock();
      this.#parts.push(part);
      return;
    }
    if (this.#block === undefined || this.#used + part.length > this.#block.length) {
      this.#closeBlock();
      this.#block = Buffer.allocUnsafeSlow(blockSize);
    }
    this.#used += part.copy(this.#block, this.#used);
  }

  take(): Buffer[] {
    this.#closeBlock();
    return this.#parts;
  }

  #closeBlock(): void {
    if (this.#block === undefined) return;
    const bytes = this.#block.subarray(0, this.#used);
    // Copy a mostly empty block, because it would keep its whole memory as long as the body.
    this.#parts.push(this.#used < blockSize / 2 ? Buffer.from(bytes) : bytes);
    this.#block = undefined;
    this.#used = 0;
  }
}

const smallPart = 4096;
const blockSize = 65_536;

/** Joins the parts. A single part is not copied. */
export function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}
