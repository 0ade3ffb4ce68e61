import { Connection, type Transport } from './connection.ts';

/** Milliseconds between two pings. SignalR's default. */
const pingInterval = 15_000;

/** The clients of all hubs. Names of hubs are the same in upper and lower case. */
export class Hubs {
  readonly #clients = new Map<string, Set<Connection>>();
  readonly #pings = setInterval(() => this.#all().forEach((client) => client.ping()), pingInterval);

  /** Adds a client. Its transport calls `leave` when it has ended. */
  join(hub: string, transport: Transport): { readonly connection: Connection; readonly leave: () => void } {
    const connection = new Connection(transport);
    const clients = this.#clients.get(hub.toLowerCase()) ?? new Set();
    this.#clients.set(hub.toLowerCase(), clients.add(connection));
    return { connection, leave: () => clients.delete(connection) };
  }

  /** Calls a method of every client of a hub. */
  broadcast(hub: string, target: string, values: readonly unknown[]): void {
    for (const client of this.#clients.get(hub.toLowerCase()) ?? []) client.invoke(target, values);
  }

  close(): void {
    clearInterval(this.#pings);
    for (const client of this.#all()) client.close();
  }

  #all(): readonly Connection[] {
    return [...this.#clients.values()].flatMap((clients) => [...clients]);
  }
}
