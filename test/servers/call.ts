import { setTimeout as sleep } from 'node:timers/promises';

/** A call of a model server, directly or through the adapter. */
export interface Call {
  /** Default: POST with a body, else GET. */
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The status of a busy server: one that takes one call at a time, and has not finished the last one. */
  readonly busy?: number;
  readonly body?: string | Uint8Array<ArrayBuffer> | FormData;
}

export interface Reply {
  readonly status: number;
  readonly type: string | null;
  readonly body: Buffer;
  /** Milliseconds at which each piece of the body arrived, counted from the first. */
  readonly arrivals: readonly number[];
}

export function json(path: string, value: unknown): Call {
  return { path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

export function form(path: string, fields: Readonly<Record<string, string | File>>): Call {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return { path, body };
}

/** Sends a call to the server itself; again, for some seconds, where it is busy. */
export async function sendDirectly(port: number, call: Call): Promise<Reply> {
  const deadline = performance.now() + 5000;
  for (;;) {
    const reply = await send(port, call);
    if (call.busy === undefined || reply.status !== call.busy || performance.now() > deadline) return reply;
    await sleep(50);
  }
}

/** Sends a call to `http://127.0.0.1:port` and reads the reply to its end. */
export async function send(port: number, { method, path, headers = {}, body }: Call): Promise<Reply> {
  // As one piece, with the type that it has then: a form would follow its head in packets of its own.
  const whole = new Response(body ?? null);
  const type = whole.headers.get('content-type');
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(type !== null && { 'content-type': type }), ...headers, connection: 'close' },
    ...(body !== undefined && { body: await whole.arrayBuffer() }),
    signal: AbortSignal.timeout(120_000),
  });
  const pieces: Uint8Array[] = [];
  const arrivals: number[] = [];
  let first: number | undefined;
  for await (const piece of response.body ?? []) {
    first ??= performance.now();
    pieces.push(piece);
    arrivals.push(performance.now() - first);
  }
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: Buffer.concat(pieces),
    arrivals,
  };
}

/** The parts of a reply to compare, as text. */
export function readable({ status, type, body }: Reply, varying: RegExp | undefined): string {
  const text = body.toString('latin1');
  return `${status} ${type ?? 'without a type'} ${varying === undefined ? text : text.replaceAll(varying, '…')}`;
}
