import { docker } from './docker.ts';

/** Sends a signal to the processes of this name in a container, as the user that the container runs as. */
export async function signalProcess(container: string, name: string, signal: 'STOP' | 'KILL'): Promise<void> {
  const processes = `$(grep -lx ${name} /proc/[0-9]*/comm | cut -d/ -f3)`;
  await docker('exec', container, 'sh', '-c', `kill -s ${signal} ${processes}`);
}

/** Whether a request has arrived at a server in a container that has not read it yet (proc_net_tcp(5)). */
export async function hasUnreadRequest(container: string, port: number): Promise<boolean> {
  const connections = await docker('exec', container, 'cat', '/proc/net/tcp');
  const local = port.toString(16).toUpperCase().padStart(4, '0');
  const established = `:${local} [0-9A-F]{8}:[0-9A-F]{4} 01`;
  return new RegExp(`${established} [0-9A-F]{8}:(?!0{8})`).test(connections);
}
