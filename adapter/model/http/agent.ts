import http from 'node:http';
import net from 'node:net';
import { codeOf } from '../../../core/errors.ts';

/**
 * Connections to a model server. A server may reply (for example with a 413) and close the connection before it has
 * read the whole request. Writing then fails before the reply is read, and node:http would drop the reply. Here such a
 * write counts as successful, so that the reply is read.
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
