import http from 'node:http';
import net from 'node:net';
import { codeOf } from '../../../core/errors.ts';

/**
 * Connections to a model server. A server may reply before it has read the whole request, with a 413 for example, and
 * close: writing then fails while the reply still waits to be read. node:http would drop the reply for that. Here a
 * write to a connection that the other end has closed counts as done, and reading tells what became of the request.
 */
export class ModelServerAgent extends http.Agent {
  override createConnection(options: net.NetConnectOpts & net.SocketConstructorOpts): net.Socket {
    return new ReplyFirstSocket(options).connect(options);
  }
}

type Written = (error?: Error | null) => void;

class ReplyFirstSocket extends net.Socket {
  override _write(chunk: unknown, encoding: BufferEncoding, callback: Written): void {
    super._write(chunk, encoding, unlessClosed(callback));
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], callback: Written): void {
    super._writev?.(chunks, unlessClosed(callback));
  }
}

function unlessClosed(callback: Written): Written {
  return (error) => callback(['EPIPE', 'ECONNRESET'].includes(codeOf(error) ?? '') ? null : error);
}
