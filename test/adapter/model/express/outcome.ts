import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import type { BodyStream, Header } from '../../../../adapter/http/message.ts';
import { inProcess, listening, type Opened, type Sent, type Subject } from './subjects.ts';

/** The outcome of a call of an app. */
export interface Outcome {
  /** Undefined if the connection was closed before a reply. */
  readonly status: number | undefined;
  /** Names in lower case, without Date and headers of the connection. */
  readonly headers: readonly Header[];
  readonly body: string;
  readonly trailers: readonly Header[];
  /** Whether the reply is missing or incomplete. */
  readonly isBroken: boolean;
  /** The events of request, response and socket in their order. */
  readonly events: readonly string[];
  /** What the app noted. */
  readonly notes: readonly unknown[];
}

export type Note = (what: unknown) => void;

/** Makes a new app for each call. */
export type MakeApp = (note: Note) => RequestListener;

/** A request. Default: GET / */
export function sent(parts: Partial<Sent> = {}): Sent {
  return { method: 'GET', path: '/', query: '', headers: [], body: Buffer.alloc(0), ...parts };
}

/**
 * A body that arrives in these parts, one after the other.
 *
 * @param pause milliseconds before each part
 */
export function sentInParts(parts: readonly string[], bodyParts: Partial<BodyStream> = {}, pause = 2): Sent {
  async function* arriving(): AsyncGenerator<Buffer> {
    for (const part of parts) {
      await sleep(pause);
      yield Buffer.from(part);
    }
  }
  const stream = Readable.from(arriving(), { objectMode: false });
  return sent({ method: 'POST', body: { stream, length: undefined, ...bodyParts } });
}

export function sentJson(value: unknown, parts: Partial<Sent> = {}): Sent {
  const body = Buffer.from(JSON.stringify(value));
  return sent({ method: 'POST', headers: [['content-type', 'application/json']], body, ...parts });
}

/**
 * Calls the app behind a port and in this process, expects the same outcome, and returns it.
 *
 * @param makeRequest makes a new request for each call. Default: GET /
 * @param options.abandonAt the caller disconnects when the app notes this
 * @param options.decode converts the body for the comparison, if the same content can have different bytes
 */
export async function expectSameOutcome(
  makeApp: MakeApp,
  makeRequest = () => sent(),
  options: { readonly abandonAt?: string; readonly decode?: (body: Buffer) => string } = {},
): Promise<Outcome> {
  const { abandonAt, decode = (body) => body.toString('latin1') } = options;
  const run = async (subject: Subject): Promise<Outcome> => {
    const outcome = await outcomeOf(subject, makeApp, makeRequest(), abandonAt);
    return { ...outcome, body: decode(Buffer.from(outcome.body, 'latin1')) };
  };
  const expected = await run(listening);
  expect(await run(inProcess)).toEqual(expected);
  return expected;
}

async function outcomeOf(subject: Subject, makeApp: MakeApp, request: Sent, abandonAt?: string): Promise<Outcome> {
  const events: string[] = [];
  const notes: unknown[] = [];
  let reached: () => void = () => undefined;
  const abandonment = new Promise<void>((fulfil) => (reached = fulfil));
  const app = makeApp((what) => {
    notes.push(what);
    if (what === abandonAt) reached();
  });
  let isReached = false;
  const { opened, abandon } = await subject((incoming, outgoing) => {
    isReached = true;
    noteEvents(events, incoming, outgoing);
    app(incoming, outgoing);
  }, request);
  if (abandonAt !== undefined) void abandonment.then(abandon);
  const reply = await received(opened);
  if (isReached) await vi.waitFor(() => expect(events).toContain('socket close'), soon);
  return { ...reply, events, notes };
}

const soon = { timeout: 20_000, interval: 1 };

type Reply = Omit<Outcome, 'events' | 'notes'>;

async function received(opened: Promise<Opened>): Promise<Reply> {
  const reply = await opened.catch(() => undefined);
  if (reply === undefined) return { status: undefined, headers: [], body: '', trailers: [], isBroken: true };
  const { status, stream, trailers } = reply;
  const parts: Buffer[] = [];
  stream.on('data', (part: Buffer) => parts.push(part));
  await vi.waitFor(() => expect(stream.closed).toBe(true), soon);
  const headers = reply.headers
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !/^(date|connection|keep-alive)$/.test(name));
  return {
    status,
    headers,
    body: Buffer.concat(parts).toString('latin1'),
    trailers: trailers(),
    isBroken: !stream.readableEnded,
  };
}

/** Notes events as they come, errors with their code. */
function noteEvents(events: string[], request: IncomingMessage, response: ServerResponse): void {
  const emitters = { request, response, socket: request.socket };
  const names = {
    request: ['aborted', 'end', 'error', 'close'],
    response: ['prefinish', 'finish', 'error', 'close'],
    socket: ['error', 'close', 'timeout'],
  } as const;
  for (const key of ['request', 'response', 'socket'] as const) {
    for (const name of names[key]) {
      emitters[key].on(name, (detail: unknown) => {
        const code = detail instanceof Error && 'code' in detail ? ` ${String(detail.code)}` : '';
        // In process there is no parser, so an interrupted request causes no parser error.
        if (!code.startsWith(' HPE_')) events.push(`${key} ${name}${code}`);
      });
    }
  }
}
