import type { VariedRequest } from '../adapter/model/http/varied-requests.ts';
import { send } from '../gateway/support/send.ts';

/** The parts of a reply that must be the same through a web action. */
export interface Reply {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: Buffer;
}

/** Sends the request to a model server or to its web action. */
export async function exchange(address: string, { method, path, query, headers, body }: VariedRequest): Promise<Reply> {
  const reply = await send(`${address}${path}${query === '' ? '' : `?${query}`}`, {
    method,
    // The model server writes this Host into redirects, also through the adapter.
    headers: { Host: '127.0.0.1:5000', ...Object.fromEntries(headers) },
    ...(method === 'GET' || method === 'HEAD' ? {} : { body }),
  });
  return { status: reply.status, contentType: reply.all('content-type')[0], body: reply.body };
}

/** The reply as pekko-http writes it: no type without a body (also for HEAD), and charsets in upper case. */
export function asOpenWhiskSends(reply: Reply, { method }: VariedRequest): Reply {
  const contentType = method === 'HEAD' ? undefined : reply.contentType;
  return { ...reply, contentType: contentType?.replace('charset=utf-8', 'charset=UTF-8') };
}

/** Requests whose reply from the web action differs from the model server's, each by its own rule. */
export const exceptions = [
  {
    rule: 'OpenWhisk looks at Accept itself',
    applies: ({ headers }: VariedRequest) => headers.some(([name]) => name === 'Accept'),
    reply: { status: 406, text: 'Resource representation is only available with these types:\\napplication/json' },
  },
  {
    rule: 'a reply over 1 MB does not fit into a result',
    applies: ({ path }: VariedRequest) => path === '/swaggerui/swagger-ui-bundle.js',
    reply: { status: 413, text: 'RESULT_TOO_LARGE' },
  },
  {
    rule: "a POST to the action's own address is a prediction",
    applies: ({ method, path }: VariedRequest) => method === 'POST' && path === '/',
    reply: { status: 400, text: 'The provided image shows no digit' },
  },
  {
    rule: "JSON with the file in it becomes the model's form",
    applies: ({ body }: VariedRequest) => body.toString() === '{"image":"aGVsbG8="}',
    reply: { status: 400, text: 'The provided input is not a valid image' },
  },
];
