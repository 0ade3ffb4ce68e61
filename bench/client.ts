import { once } from 'node:events';
import net from 'node:net';

export interface Reply {
  readonly status: number;
  readonly headers: string;
  readonly body: Buffer;
}

/**
 * A minimal HTTP client, so that its own time does not affect the ratios: one kept-alive connection, prepared requests,
 * replies with Content-Length. Reconnects if the server closes the connection.
 */
export class Connection {
  readonly #port: number;
  #socket: net.Socket | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  async exchange(request: Buffer): Promise<Reply> {
    const socket = this.#socket ?? (await this.#connect());
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let received = 0;
      let head: Head | undefined;
      const collect = (chunk: Buffer): void => {
        chunks.push(chunk);
        received += chunk.length;
        try {
          head ??= readHead(Buffer.concat(chunks));
        } catch (error) {
          reject(error);
          this.close();
        }
        if (head === undefined || received < head.end + head.length) return;
        const { status, text, end, keep } = head;
        socket.off('data', collect).off('close', fail);
        if (!keep) this.close();
        resolve({ status, headers: text, body: Buffer.concat(chunks).subarray(end) });
      };
      const fail = (): void => reject(new Error('the connection was closed before the reply was whole'));
      socket.on('data', collect).on('close', fail);
      socket.write(request);
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  async #connect(): Promise<net.Socket> {
    const socket = net.connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    // A server may close a connection that has been idle for a while.
    socket.on('error', () => undefined).on('close', () => this.#forget(socket));
    this.#socket = socket;
    return socket;
  }

  #forget(socket: net.Socket): void {
    if (this.#socket === socket) this.#socket = undefined;
  }
}

interface Head {
  readonly status: number;
  readonly text: string;
  readonly end: number;
  readonly length: number;
  readonly keep: boolean;
}

function readHead(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const text = bytes.toString('latin1', 0, end);
  const length = /^content-length: *(\d+)/im.exec(text)?.[1];
  if (length === undefined) throw new Error(`a reply without Content-Length: ${text}`);
  const keep = text.startsWith('HTTP/1.1') && !/^connection: *close/im.test(text);
  return { status: Number(text.slice(9, 12)), text, end: end + 4, length: Number(length), keep };
}

/** An HTTP/1.1 request as the bytes that go over the wire. */
export function requestBytes(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): Buffer {
  const lines = Object.entries({ ...headers, 'content-length': String(body.length) });
  const head = [`${method} ${path} HTTP/1.1`, 'host: bench', ...lines.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}
