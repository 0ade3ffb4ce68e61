import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { send } from '../../gateway/support/send.ts';

/** One kind of activation, and its expected result with test/robustness/servers/worker.mjs as the model server. */
interface Activation {
  readonly weight: number;
  /** Body of `/run`. */
  readonly body: string;
  /** Why the result is wrong. Undefined if it is correct. */
  readonly fault: (result: Readonly<Record<string, unknown>>) => string | undefined;
}

const digestOf = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');
const image = (bytes: number): Buffer => Buffer.alloc(bytes, 'a pattern that is not a power of two long');

/** A realistic mix: many small calls, some near the platform's limits, and errors. */
const mix: readonly Activation[] = [
  { weight: 30, ...json({ text: 'a'.repeat(1000) }) },
  { weight: 10, ...plain({ text: 'b'.repeat(1000) }) },
  { weight: 20, ...upload(50_000) },
  { weight: 4, ...upload(700_000) },
  { weight: 15, ...download(50_000) },
  { weight: 4, ...download(500_000) },
  { weight: 4, ...download(900_000, 413) },
  { weight: 8, ...web({ __ow_method: 'get', __ow_path: '/slow' }, 200) },
  { weight: 5, ...web({ __ow_method: 'get', __ow_path: '/busy' }, 503) },
  { weight: 3, body: '{"value":', fault: ({ error }) => (error === undefined ? 'no error' : undefined) },
];

const sequence = mix.flatMap((activation) => Array.from({ length: activation.weight }, () => activation));

export interface LoadOptions {
  /** Base URL of `/run`, for example "http://127.0.0.1:8080". */
  readonly url: string;
  readonly activations: number;
  readonly concurrency: number;
  /** Called after each activation with the number answered so far. */
  readonly onAnswer?: (answered: number) => void;
}

/** Sends the mix. Resolves with one line per error. Every fiftieth caller disconnects halfway. */
export async function load({ url, activations, concurrency, onAnswer }: LoadOptions): Promise<readonly string[]> {
  const faults: string[] = [];
  let started = 0;
  let answered = 0;
  const caller = async (): Promise<void> => {
    while (started < activations) {
      const number = started;
      started += 1;
      // A step coprime to the length, so that every kind occurs, and no kind twice in a row.
      const activation = sequence[(number * 37) % sequence.length];
      if (activation === undefined) throw new Error('the mix is empty');
      if (number % 50 === 49) await hangUp(url, activation.body);
      const fault = await call(url, activation).catch(String);
      if (fault !== undefined) faults.push(`activation ${number}: ${fault.slice(0, 300)}`);
      answered += 1;
      onAnswer?.(answered);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  return faults;
}

async function call(url: string, { body, fault }: Activation): Promise<string | undefined> {
  const { status, text } = await send(`${url}/run`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  if (status !== 200) return `status ${status} ${text}`;
  return fault(JSON.parse(text) as Record<string, unknown>);
}

/** A caller that disconnects before its request is complete. */
async function hangUp(url: string, body: string): Promise<void> {
  const { hostname, port } = new URL(url);
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.on('connect', () => {
      const head = `POST /run HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`;
      socket.write(head + body.slice(0, body.length / 2), () => socket.destroy());
    });
  });
}

function web(
  value: object,
  statusCode: number,
  check?: (body: string) => string | undefined,
): Omit<Activation, 'weight'> {
  return {
    body: JSON.stringify({ value }),
    fault: (result) =>
      result['statusCode'] === statusCode
        ? check?.(String(result['body']))
        : `not ${statusCode}: ${JSON.stringify(result)}`,
  };
}

function json(value: object): Omit<Activation, 'weight'> {
  const headers = { 'content-type': 'application/json' };
  return web(
    { ...value, __ow_method: 'post', __ow_path: '', __ow_headers: headers },
    200,
    received(JSON.stringify(value)),
  );
}

function plain(value: object): Omit<Activation, 'weight'> {
  return {
    body: JSON.stringify({ value }),
    fault: (result) => received(JSON.stringify(value))(JSON.stringify(result)),
  };
}

function upload(bytes: number): Omit<Activation, 'weight'> {
  const headers = { 'content-type': 'multipart/form-data; boundary=x' };
  const body = image(bytes);
  const value = {
    __ow_method: 'post',
    __ow_path: '/predict',
    __ow_headers: headers,
    __ow_body: body.toString('base64'),
  };
  return web(value, 200, received(body));
}

function download(bytes: number, statusCode = 200): Omit<Activation, 'weight'> {
  const value = { __ow_method: 'get', __ow_path: '/image', __ow_query: `bytes=${bytes}` };
  const expected = image(bytes).toString('base64');
  return web(value, statusCode, (body) => (statusCode !== 200 || body === expected ? undefined : 'another image'));
}

/** Checks that the model server received exactly these bytes. */
function received(sent: string | Uint8Array): (answer: string) => string | undefined {
  const bytes = Buffer.from(sent as string);
  const expected = JSON.stringify({ bytes: bytes.length, digest: digestOf(bytes) });
  return (answer) => (answer === expected ? undefined : `got ${answer}, sent ${expected}`);
}
