import type { StartPlatformClient } from '../../../contract/platform-client.ts';
import type { Exception, PlatformSuite, PlatformLimits } from '../../../contract/platform-suite.ts';
import { startCustomHandler } from './custom-handler.ts';
import { type HttpMode, sendThroughHost } from './http-trigger.ts';

/** The platform does not send its time limit, so a setting has it. */
const environment = { MODELWHISK_AZURE_TIMEOUT: '5000' };

function startWith(mode: HttpMode): StartPlatformClient {
  return async (row, more) => {
    const handler = await startCustomHandler(row, { ...environment, ...more });
    return {
      send: (request) => sendThroughHost(handler, mode, request),
      close: async () => {
        await handler.stop();
      },
    };
  };
}

const notUtf8: Exception = {
  reason: "the host's server takes the bytes of headers for UTF-8 and refuses others",
  reply: { status: 400 },
};

const proxying: PlatformLimits = {
  largestBody: 5_000_000,
  prefix: '/api',
  exceptions: {
    'Latin-1 bytes in a header arrive': notUtf8,
    'Latin-1 bytes in a reply header come back': {
      reason: "the host's server writes headers in ASCII only",
      reply: { status: 500 },
    },
    // The same reply of the model server has a header beyond ASCII.
    'repeated Set-Cookie headers stay apart': {
      reason: "the host's server refuses the other header of this reply",
      reply: { status: 500 },
    },
  },
};

const forwarding: PlatformLimits = {
  ...proxying,
  exceptions: {
    ...proxying.exceptions,
    'repeated query keys arrive, in order': {
      reason: 'the host joins the values of repeated keys',
      arrives: { query: 'a=1%2C2&b=3' },
    },
    'a query arrives as it was written': {
      reason: 'the host writes the query anew',
      arrives: { query: 'b=1%2C3&a=2&empty=&flag=&plus=a%20b&percent=%20%3D&utf8=%C3%A9' },
    },
  },
};

const damaged: Exception = {
  reason: 'the host decodes the body as UTF-8 text, which damages it',
  reply: { status: 415, body: /damaged.*enableForwardingHttpRequest/s },
};

const notText: Exception = {
  reason: 'the host takes nothing but UTF-8 text for a reply',
  reply: { status: 502, body: /RESULT_NOT_TEXT.*enableForwardingHttpRequest/s },
};

const byDefault: PlatformLimits = {
  largestBody: 5_000_000,
  prefix: '/api',
  exceptions: {
    'Latin-1 bytes in a header arrive': notUtf8,
    'text keeps its byte order mark': damaged,
    'Latin-1 text comes back': damaged,
    'UTF-16 text comes back': damaged,
    'an image comes back': damaged,
    'a WAV file comes back': damaged,
    'bytes of an unknown type come back': damaged,
    'bytes under the name of text come back': damaged,
    'multipart comes back': notText,
    'the largest body comes back': notText,
    'repeated Set-Cookie headers stay apart': notText,
    'Latin-1 bytes in a reply header come back': notText,
    'a compressed reply stays compressed': {
      reason: 'the host takes nothing but text',
      reply: { status: 200, headers: { 'content-encoding': [] }, body: /^compressed by the model server$/ },
    },
  },
};

export const suites: readonly PlatformSuite[] = [
  { name: 'Azure Functions, requests proxied,', start: startWith('proxying'), limits: proxying },
  { name: 'Azure Functions, requests forwarded,', start: startWith('forwarding'), limits: forwarding },
  { name: 'Azure Functions by default', start: startWith('default'), limits: byDefault },
];
