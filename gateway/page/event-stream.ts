import type { ServerResponse } from 'node:http';
import type { PageAction, PageActivation, PageEvents, PageLoad, PageRun } from '../../page/wire.ts';

/** How many past activations a newly opened page receives. */
const activationsKept = 200;

/** Milliseconds between two events of a kind. More events than that would keep a browser busy. */
const interval = 200;

/** Bytes that may wait for a page that does not read. A page that is closed for this connects again. */
const unreadLimit = 1_048_576;

/** The state that every open page shows. It is sent at each connection, and when it has changed. */
export interface PageState {
  readonly actions: () => readonly PageAction[];
  readonly load: () => readonly PageLoad[];
}

/** Server-sent events for every open page (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export class EventStream {
  readonly #state: PageState;
  readonly #sent = { actions: '', load: '' };
  readonly #readers = new Set<ServerResponse>();
  readonly #last: PageActivation[] = [];
  readonly #unsent: PageActivation[] = [];
  #unsentRun: PageRun | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(state: PageState) {
    this.#state = state;
  }

  /** Sends the state and the latest activations, then keeps the response open for further events. */
  serve(response: ServerResponse): void {
    const { method, socket } = response.req;
    if (socket.destroyed) return;
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    if (method === 'HEAD') {
      response.end();
      return;
    }
    const { actions, load } = this.#state;
    const events = [eventText('actions', actions()), eventText('activations', this.#last), eventText('load', load())];
    response.write(`retry: 1000\n\n${events.join('')}`);
    this.#readers.add(response);
    this.#timer ??= setInterval(() => this.#tick(), interval);
    // A response that waits for an earlier one on its connection does not learn that the connection has closed.
    socket.once('close', () => {
      this.#readers.delete(response);
      if (this.#readers.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
  }

  /** Sends an activation with the next event. */
  add(activation: PageActivation): void {
    this.#last.push(activation);
    if (this.#last.length > activationsKept) this.#last.shift();
    if (this.#readers.size > 0) this.#unsent.push(activation);
  }

  /** Sends the progress of a load run with the next event. */
  setRun(run: PageRun): void {
    this.#unsentRun = run;
  }

  close(): void {
    clearInterval(this.#timer);
    for (const reader of this.#readers) reader.end();
  }

  #tick(): void {
    if (this.#unsent.length > 0) this.#send('activations', this.#unsent.splice(0));
    if (this.#unsentRun !== undefined) this.#send('run', this.#unsentRun);
    this.#unsentRun = undefined;
    this.#sendIfChanged('actions');
    this.#sendIfChanged('load');
  }

  #sendIfChanged(name: keyof PageState): void {
    const data = this.#state[name]();
    const text = JSON.stringify(data);
    if (text !== this.#sent[name]) this.#send(name, data);
    this.#sent[name] = text;
  }

  #send(name: keyof PageEvents, data: PageEvents[keyof PageEvents]): void {
    for (const reader of this.#readers) {
      reader.write(eventText(name, data));
      if (reader.writableLength > unreadLimit) reader.req.socket.destroy();
    }
  }
}

function eventText(name: keyof PageEvents, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
