import { createHash, randomUUID } from 'node:crypto';
import { requestBytes, type Reply } from './client.ts';
import { imageBytes, latin1Text } from './programs/work.ts';

/** One kind of call: as the platform's `/run`, and as the HTTP request in it. */
export interface Workload {
  readonly name: string;
  readonly run: Buffer;
  readonly direct: Buffer;
  /** Whether its body is longer than 50 KB. */
  readonly isLarge: boolean;
  /** Whether this is the app's correct reply. */
  isRight(contentType: string, body: Buffer): boolean;
}

/** A boundary like curl's. */
const boundary = '------------------------d74496d66958873e';

export const workloads: readonly Workload[] = [
  jsonRequest('1 KB JSON', 1024),
  imageRequest('50 KB image in', 50 * 1024),
  imageRequest('700 KB image in', 700 * 1024),
  imageReply('50 KB PNG out', 50 * 1024),
  imageReply('500 KB PNG out', 500 * 1024),
];

export const [jsonWorkload, smallImage, largeImage] = workloads as [Workload, Workload, Workload];

/** Not timed. They check that bytes are kept: the SHA-256 of the body, and a reply with text that is not UTF-8. */
export const bytesWorkloads: readonly Workload[] = [
  {
    ...imageRequest('the bytes of an image in', 50 * 1024, '/digest'),
    isRight: (_type, body) =>
      body.includes(
        createHash('sha256')
          .update(imageForm(50 * 1024))
          .digest('hex'),
      ),
  },
  {
    ...imageReply('Latin-1 text out', 0, '/latin1'),
    isRight: (type, body) => new TextDecoder(/charset=([\w-]+)/i.exec(type)?.[1]).decode(body) === latin1Text,
  },
];

/** JSON of about this length. */
export function jsonBody(length: number): Buffer {
  return Buffer.from(JSON.stringify(jsonFields(length)));
}

function jsonFields(length: number): object {
  return { text: 'x'.repeat(length - 60), threshold: 0.5, labels: ['a', 'b', 'c'] };
}

function jsonRequest(name: string, length: number): Workload {
  const fields = jsonFields(length);
  return {
    name,
    isLarge: false,
    run: activation({ ...fields, ...webAction('post', '/json', 'application/json') }),
    direct: requestBytes('POST', '/json', callerHeaders('application/json'), jsonBody(length)),
    isRight: (_type, body) => body.includes('"ok"'),
  };
}

function imageRequest(name: string, length: number, path = '/model/predict'): Workload {
  const body = imageForm(length);
  const type = `multipart/form-data; boundary=${boundary}`;
  return {
    name,
    isLarge: isLarge(length),
    run: activation({ ...webAction('post', path, type), __ow_body: body.toString('base64') }),
    direct: requestBytes('POST', path, callerHeaders(type), body),
    isRight: (_type, reply) => reply.includes(`"bytes":${body.length}`) || reply.includes(`"bytes": ${body.length}`),
  };
}

function isLarge(length: number): boolean {
  return length > 50 * 1024;
}

function imageForm(length: number): Buffer {
  const head =
    `--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="image.png"\r\n` +
    'Content-Type: image/png\r\n\r\n';
  return Buffer.concat([Buffer.from(head), imageBytes(length), Buffer.from(`\r\n--${boundary}--\r\n`)]);
}

function imageReply(name: string, length: number, path = `/image/${length}`): Workload {
  const image = imageBytes(length);
  return {
    name,
    isLarge: isLarge(length),
    run: activation(webAction('get', path)),
    direct: requestBytes('GET', path, callerHeaders(), Buffer.alloc(0)),
    isRight: (type, body) => type.startsWith('image/png') && body.equals(image),
  };
}

/** Headers like curl's. */
function callerHeaders(contentType?: string): Record<string, string> {
  return {
    accept: '*/*',
    'user-agent': 'curl/8.5.0',
    'x-request-id': '4f6a1f0c2b7d4e0f9a3c5d7e9b1a2c3d',
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
  };
}

function webAction(method: string, path: string, contentType?: string): Record<string, unknown> {
  return { __ow_method: method, __ow_path: path, __ow_headers: callerHeaders(contentType) };
}

/** `POST /run` with all members that OpenWhisk sends. */
function activation(value: object): Buffer {
  const identifier = randomUUID().replaceAll('-', '');
  const envelope = {
    value,
    namespace: 'guest',
    action_name: '/guest/bench',
    action_version: '0.0.1',
    activation_id: identifier,
    transaction_id: identifier,
    deadline: String(Date.now() + 24 * 60 * 60 * 1000),
  };
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  return requestBytes('POST', '/run', headers, Buffer.from(JSON.stringify(envelope)));
}

/** The app's reply in a reply of `/run`: base64 for types that OpenWhisk's controller treats as binary. */
export function unwrap(reply: Reply): { readonly contentType: string; readonly body: Buffer } {
  const { headers, body } = JSON.parse(reply.body.toString()) as {
    headers: Record<string, string | string[]>;
    body: string;
  };
  const name = Object.keys(headers).find((each) => each.toLowerCase() === 'content-type') ?? '';
  const contentType = String(headers[name]);
  return { contentType, body: Buffer.from(body, contentType.startsWith('image/') ? 'base64' : 'utf8') };
}

/** The app's reply to a direct call. */
export function plain(reply: Reply): { readonly contentType: string; readonly body: Buffer } {
  return { contentType: /^content-type: *(.*)$/im.exec(reply.headers)?.[1]?.trim() ?? '', body: reply.body };
}
