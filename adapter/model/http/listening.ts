import { readFileSync } from 'node:fs';

/**
 * Whether anything listens on the port, told by the kernel's own list (proc(5), /proc/net/tcp): to look there costs a
 * tenth of a connection that is refused, and that of a model server's start. Undefined where there is no such list.
 */
export function isListening(port: number): boolean | undefined {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = [...linesOf('/proc/net/tcp'), ...linesOf('/proc/net/tcp6')];
  if (lines.length === 0) return undefined;
  return lines.some((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    return state === listenState && local.endsWith(ending);
  });
}

/** TCP_LISTEN (include/net/tcp_states.h). */
const listenState = '0A';

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'latin1').split('\n');
  } catch {
    return [];
  }
}
