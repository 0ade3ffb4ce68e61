import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { Outcome } from '../../call/model-call.ts';
import { explained, streamOf } from '../../http/body.ts';
import { headerPairs, namesWebSocket, withoutHopByHop } from '../../http/headers.ts';
import type { Header, ModelResponse } from '../../http/message.ts';
import { DestinationClosed, pump } from '../../http/pump.ts';
import { closeGently } from './refuse.ts';

/**
 * Whether the request is a WebSocket's handshake (RFC 6455, section 4.1). Other protocols in an `Upgrade` header, such
 * as h2c, are ignored. A server may ignore them (RFC 9110, section 7.8), and must for HTTP/1.0.
 */
export function opensWebSocket({ method, httpVersion, headers }: IncomingMessage): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return method === 'GET' && httpVersion === '1.1' && !hasBody && namesWebSocket(headers.upgrade ?? '');
}

/**
 * Gives a connection back to the server for a request whose Upgrade header is ignored, because node:http before 24.9
 * detaches it for every such header. The server then parses the request again, without that header, and the bytes after
 * it.
 */
export function withoutUpgrade(
  server: Server,
  { method, url, httpVersion, rawHeaders, socket }: IncomingMessage,
): void {
  const lines = headerPairs(rawHeaders).filter(([name]) => name.toLowerCase() !== 'upgrade');
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.unshift(Buffer.from(`${method} ${url} HTTP/${httpVersion}\r\n${head}\r\n`, 'latin1'));
  server.emit('connection', socket);
}

/**
 * The reply to a request that asks for another protocol, on the connection that node:http has detached: an ordinary
 * reply, after which the connection is closed, or the switch.
 */
export class UpgradeReply extends ServerResponse {
  /** Whether the connection has switched to the other protocol; `switched` is emitted at that moment. */
  hasSwitched = false;
  readonly #caller: Socket;

  constructor(incoming: IncomingMessage) {
    super(incoming);
    const caller = incoming.socket;
    this.#caller = caller;
    this.shouldKeepAlive = false;
    this.assignSocket(caller);
    // node:http has removed its own listeners.
    caller.on('error', () => undefined).on('drain', () => this.emit('drain'));
    this.once('finish', () => closeGently(caller));
  }

  /** Tells the caller that the connection is switched, and returns the connection. */
  switchProtocols(headers: readonly Header[]): Socket {
    const protocol = headers.find(([name]) => name.toLowerCase() === 'upgrade')?.[1] ?? 'websocket';
    const lines = [['Upgrade', protocol], ['Connection', 'Upgrade'], ...withoutHopByHop(headers)];
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    this.#caller.write(`HTTP/1.1 101 Switching Protocols\r\n${head}\r\n`, 'latin1');
    // Frames are small and urgent. Keep-alive detects a caller that has vanished.
    this.#caller.setNoDelay(true).setKeepAlive(true, keepAliveDelay).setTimeout(0);
    this.hasSwitched = true;
    this.emit('switched');
    return this.#caller;
  }
}

const keepAliveDelay = 60_000;

/**
 * Switches protocols, and passes bytes on in both directions until one end closes the connection. Resolves then; never
 * rejects.
 *
 * @param model the connection to the model server
 * @param ended called with the outcome just before the caller can see the end
 */
export async function passOn(
  outgoing: UpgradeReply,
  { status, headers, body }: ModelResponse,
  model: Writable,
  ended: (outcome: Outcome) => void,
): Promise<void> {
  const caller = outgoing.switchProtocols(headers);
  // Bytes that came with the head have been read, but not sent yet.
  const before = caller.bytesRead - caller.readableLength;
  const send = async (): Promise<void> => {
    const { failure } = await pump(caller, model);
    if (failure === undefined) model.end();
    // The model server has gone. A caller that is still sending reads only then.
    else caller.resume();
  };
  void send();
  const { bytes, failure } = await pump(streamOf(body), caller);
  const isOver = failure === undefined || failure instanceof DestinationClosed;
  const cause = isOver ? failure : await explained(body, failure);
  ended({ status, bytes, received: caller.bytesRead - before, failure: cause });
  model.destroy();
  closeGently(caller);
}
