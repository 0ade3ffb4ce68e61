/** Something that happens once, and can be waited for. */
export class Gate {
  readonly opened: Promise<void>;
  #open = doNothing;

  constructor() {
    this.opened = new Promise((resolve) => (this.#open = resolve));
  }

  open(): void {
    this.#open();
  }
}

function doNothing(): void {
  // The constructor puts a promise's own function in its place.
}
