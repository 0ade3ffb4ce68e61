import { createAction } from '../../../../gateway/action.ts';
import { createGateway } from '../../../../gateway/server.ts';
import type { StartPlatformClient } from '../../../contract/platform-client.ts';
import type { Exception, PlatformSuite, PlatformLimits } from '../../../contract/platform-suite.ts';
import { sendHttp } from '../../http-client.ts';
import { startAdapter } from '../../start-adapter.ts';

/** The adapter as a web action of the gateway, which stands for OpenWhisk's controller and invoker. */
function webAction(raw: boolean): StartPlatformClient {
  return async (row, environment) => {
    const adapter = await startAdapter(row, environment);
    const url = new URL(`http://127.0.0.1:${adapter.port}`);
    const action = createAction({
      name: 'echo',
      source: { kind: 'container', url },
      annotations: { 'raw-http': raw, 'web-custom-options': true },
      // An action has one limit for all calls; 5 seconds leave a busy machine time for those that are answered.
      limits: { timeout: 5000 },
    });
    const gateway = createGateway({ actions: [action] });
    const port = Number(new URL(await gateway.listen(0, '127.0.0.1')).port);
    return {
      send: (request) => sendHttp(port, { ...request, path: `/api/v1/web/guest/default/echo${request.path}` }),
      close: async () => {
        await gateway.close();
        await adapter.stop();
      },
    };
  };
}

const utf8 = { 'content-type': ['text/plain; charset=UTF-8'] };

const damaged: Exception = {
  reason: 'the controller takes every text for UTF-8, which loses bytes',
  reply: { status: 415, body: /lost bytes of it.*-H 'Content-Type: /s },
};

const limits = { largestBody: 750_000, replyTooLarge: 800_000, prefix: '/api/v1/web/guest/default/echo' };

const exceptions = {
  'repeated headers arrive apart': {
    reason: 'the controller keeps the last',
    arrives: { headers: { 'x-tag': ['two, three'] } },
  },
  'cookies arrive': {
    reason: 'the controller drops a cookie that RFC 6265 does not allow',
    arrives: { headers: { cookie: ['session=abc'] } },
  },
  'Latin-1 bytes in a header arrive': {
    reason: 'the controller reads headers as UTF-8, and here the next line, Host, as part of it',
    reply: { status: 400 },
  },
  'text comes back': {
    reason: 'the controller writes its charset in capitals',
    reply: { status: 200, headers: utf8, body: Buffer.from('naïve café 🙂\r\n\0') },
  },
  'text keeps its byte order mark': {
    reason: 'the controller writes its charset in capitals',
    reply: { status: 200, headers: utf8, body: Buffer.from('\uFEFFtext') },
  },
  'Latin-1 text comes back': damaged,
  'UTF-16 text comes back': damaged,
  'bytes under the name of text come back': damaged,
  'HEAD has the headers of GET and no body': {
    reason: 'the controller gives a type to a body only',
    reply: { status: 200, headers: { 'content-type': [] }, body: Buffer.alloc(0) },
  },
  'a compressed reply stays compressed': {
    reason: 'its encoding is undone, as the result is JSON',
    reply: { status: 200, headers: { 'content-encoding': [] }, body: /^compressed by the model server$/ },
  },
} satisfies PlatformLimits['exceptions'];

function parsed(reason: string, body: string): Exception {
  return { reason, reply: { status: 200, body: Buffer.from(body) } };
}

export const suites: readonly PlatformSuite[] = [
  {
    name: 'an OpenWhisk raw web action',
    start: webAction(true),
    limits: {
      ...limits,
      exceptions: {
        ...exceptions,
        'a query arrives as it was written': {
          reason: 'the controller decodes and writes it again',
          arrives: { query: 'b=1&a=2&b=3&empty=&flag&plus=a+b&percent=+%3D&utf8=%C3%A9' },
        },
      },
    },
  },
  {
    name: 'an OpenWhisk standard web action',
    start: webAction(false),
    limits: {
      ...limits,
      exceptions: {
        ...exceptions,
        'repeated query keys arrive, in order': {
          reason: 'the controller keeps the last',
          arrives: { query: 'a=2&b=3' },
        },
        'a query arrives as it was written': {
          reason: 'the controller makes parameters of it, in no order',
          arrives: { query: 'a=2&b=3&empty=&flag=&percent=+%3D&plus=a+b&utf8=%C3%A9' },
        },
        'JSON comes back as it was written': parsed(
          'the controller makes parameters of it',
          '{"b":"é","big":12345678901234567890}',
        ),
        'JSON that is no object comes back': parsed('the controller parses it', '["AAAA",1]'),
        'a form comes back': parsed('the controller makes parameters of it, the last of each name', 'a=2&b=x+y%C3%A9'),
      },
    },
  },
];
