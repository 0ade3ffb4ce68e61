/** One bit for each container around a value: whether it is an object. */
export class Nesting {
  depth = 0;
  isObject = false;
  #bits = new Uint8Array(64);

  push(isObject: boolean): void {
    const index = this.depth >> 3;
    if (index === this.#bits.length) {
      const grown = new Uint8Array(2 * index);
      grown.set(this.#bits);
      this.#bits = grown;
    }
    const bit = 1 << (this.depth & 7);
    this.#bits[index] = ((this.#bits[index] ?? 0) & ~bit) | (isObject ? bit : 0);
    this.depth += 1;
    this.isObject = isObject;
  }

  pop(): void {
    this.depth -= 1;
    const last = this.depth - 1;
    this.isObject = this.depth > 0 && ((this.#bits[last >> 3] ?? 0) & (1 << (last & 7))) !== 0;
  }
}
