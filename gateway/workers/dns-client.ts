import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIP } from 'node:net';
import {
  decode,
  encode,
  RECURSION_DESIRED,
  streamDecode,
  streamEncode,
  type Answer,
  type DecodedPacket,
  type Packet,
} from 'dns-packet';
import { GatewayError } from '../errors.ts';

/** A DNS server: address, and port if it is not 53. */
export interface DnsServer {
  readonly address: string;
  readonly port: number;
}

/** A name server's reply: the records of the answer, and additional ones. */
export interface DnsReply {
  readonly answers: readonly Answer[];
  readonly additionals: readonly Answer[];
}

/**
 * Asks DNS servers, one after the other, for the records of a name (RFC 1035): over UDP, and again over TCP if the
 * answer does not fit. Unlike Node's own client it returns the TTL of every kind of record.
 *
 * A name that does not exist has no records. Rejects with GatewayError `DNS` if no server answers.
 */
export async function queryDns(
  name: string,
  type: 'A' | 'AAAA' | 'SRV',
  servers: readonly DnsServer[],
  signal: AbortSignal,
): Promise<DnsReply> {
  const failures: string[] = [];
  for (const server of [...servers, ...servers]) {
    try {
      return await ask(server, name, type, signal);
    } catch (error) {
      signal.throwIfAborted();
      failures.push(`${server.address}:${server.port}: ${String(error)}`);
    }
  }
  throw new GatewayError('DNS', `no answer for ${name}: ${failures.at(-1) ?? 'there is no DNS server'}`);
}

/** Reads "ADDRESS", "ADDRESS:PORT" or "[ADDRESS]:PORT", as `dns.getServers()` writes them; undefined for anything else. */
export function parseServer(text: string): DnsServer | undefined {
  const [, address = text, port = '53'] = /^\[?([0-9a-f:.]+?)\]?(?::(\d{1,5}))?$/i.exec(isIP(text) ? '' : text) ?? [];
  return isIP(address) === 0 || Number(port) > 65_535 ? undefined : { address, port: Number(port) };
}

/** The name does not exist (RFC 1035, section 4.1.1). */
const nameError = 3;

/** Timeout of one server in milliseconds. */
const patience = 2000;

async function ask(server: DnsServer, name: string, type: 'A' | 'AAAA' | 'SRV', given: AbortSignal): Promise<DnsReply> {
  const signal = AbortSignal.any([given, AbortSignal.timeout(patience)]);
  const query: Packet = {
    type: 'query',
    id: randomInt(65_536),
    flags: RECURSION_DESIRED,
    questions: [{ name, type }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: 1232,
        flags: 0,
        options: [],
        extendedRcode: 0,
        ednsVersion: 0,
        flag_do: false,
      },
    ],
  };
  const short = await overUdp(server, query, signal);
  const reply = short.flag_tc ? await overTcp(server, query, signal) : short;
  const rcode = (reply.flags ?? 0) & 0xf;
  if (![0, nameError].includes(rcode)) throw new Error(`the server answers with code ${rcode}`);
  return { answers: reply.answers ?? [], additionals: reply.additionals ?? [] };
}

function overUdp({ address, port }: DnsServer, query: Packet, signal: AbortSignal): Promise<DecodedPacket> {
  const socket = createSocket({ type: isIP(address) === 6 ? 'udp6' : 'udp4', signal });
  const received = new Promise<Buffer>((resolve, reject) => {
    socket.once('error', reject);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    socket.on('message', (message) => {
      if (message.length > 2 && message.readUInt16BE(0) === query.id) resolve(message);
    });
    // A connected socket receives packets only from this server, and gets an error if nothing listens there.
    socket.connect(port, address, () => socket.send(encode(query)));
  });
  return received.then((message) => decode(message)).finally(() => !signal.aborted && socket.close());
}

async function overTcp({ address, port }: DnsServer, query: Packet, signal: AbortSignal): Promise<DecodedPacket> {
  const socket = connect({ host: address, port, signal });
  try {
    // Not ended: some servers take that for the end of the connection.
    socket.write(streamEncode(query));
    let received = Buffer.alloc(0);
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      received = Buffer.concat([received, chunk]);
      // Two bytes of length come first (RFC 1035, section 4.2.2).
      const isWhole = received.length > 2 && received.length >= 2 + received.readUInt16BE(0);
      if (isWhole) return streamDecode(received) as DecodedPacket;
    }
    throw new Error('the server closed the connection');
  } finally {
    socket.destroy();
  }
}
