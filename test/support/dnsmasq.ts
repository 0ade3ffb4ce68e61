import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { freePort } from './free-port.ts';
import { eventually } from './eventually.ts';

/** A real DNS server (Debian package dnsmasq-base) with given records. */
export interface DnsServer {
  readonly port: number;
  /** Replaces the records. This restarts the server, because it reads them only at its start. */
  serve(records: readonly string[]): Promise<void>;
  /** Answers nothing until it serves again. */
  stop(): Promise<void>;
}

/** @param ttl seconds that its records hold */
export async function startDnsmasq(ttl: number): Promise<DnsServer> {
  const port = await freePort();
  let running: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    if (running === undefined) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    running = undefined;
    await ended;
  };
  return {
    port,
    stop,
    serve: async (records) => {
      await stop();
      const words = [
        '--keep-in-foreground',
        '--conf-file=/dev/null',
        '--no-hosts',
        '--no-resolv',
        '--pid-file=',
        '--user=',
        '--listen-address=127.0.0.1',
        '--bind-interfaces',
        `--port=${port}`,
        '--local=/test/',
        `--local-ttl=${ttl}`,
        ...records,
      ];
      running = spawn('dnsmasq', words, { stdio: 'ignore' });
      await eventually('dnsmasq listens', async () => isTaken(port), Boolean);
    },
  };
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(true));
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(false)));
  });
}
