import { type JsonObject, parseObject } from '../json.ts';

/** How records reach one client. */
export interface Transport {
  send(text: string): void;
  close(): void;
}

/** Ends each record of the JSON protocol. */
const separator = '\u001E';

/**
 * One client of a hub, which speaks SignalR's JSON protocol: first a handshake, then messages with a numeric `type`
 * (https://github.com/dotnet/aspnetcore/blob/main/src/SignalR/docs/specs/HubProtocol.md).
 */
export class Connection {
  readonly #transport: Transport;
  #isOpen = false;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Takes what the client sends: one record or several. */
  receive(text: string): void {
    for (const record of text.split(separator)) {
      if (record === '') continue;
      const message = parseObject(record);
      if (this.#isOpen) this.#answer(message);
      else this.#shakeHands(message);
    }
  }

  /** Calls a method of the client. A client that has not yet opened the connection misses it. */
  invoke(target: string, values: readonly unknown[]): void {
    if (this.#isOpen) this.#send({ type: messageType.invocation, target, arguments: values });
  }

  /** Shows the client that the connection is alive. Clients give up after 30 seconds without a message. */
  ping(): void {
    if (this.#isOpen) this.#send({ type: messageType.ping });
  }

  close(): void {
    if (this.#isOpen) this.#send({ type: messageType.close, allowReconnect: true });
    this.#transport.close();
  }

  #shakeHands({ protocol }: JsonObject): void {
    if (protocol === 'json') {
      this.#isOpen = true;
      this.#send({});
      return;
    }
    this.#send({ error: `The protocol is ${JSON.stringify(protocol)}; expected "json".` });
    this.#transport.close();
  }

  #answer({ type, invocationId }: JsonObject): void {
    if (type === messageType.close) this.#transport.close();
    // Without a server behind the hub, nobody could answer. Invocations without an id expect no answer.
    if (type !== messageType.invocation || invocationId === undefined) return;
    const error = 'This hub only sends. It has no methods.';
    this.#send({ type: messageType.completion, invocationId, error });
  }

  #send(message: object): void {
    this.#transport.send(`${JSON.stringify(message)}${separator}`);
  }
}

const messageType = { invocation: 1, completion: 3, ping: 6, close: 7 } as const;
