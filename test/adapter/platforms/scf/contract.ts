import type { PlatformSuite, Exception } from '../../../contract/platform-suite.ts';
import { startScfHost } from './host.ts';

const eventExceptions = {
  'a query arrives as it was written': {
    reason: 'the trigger decodes it and puts the values of a name together',
    arrives: { query: 'b=1&b=3&a=2&empty=&flag=&plus=a+b&percent=+%3D&utf8=%C3%A9' },
  },
  'repeated headers arrive apart': {
    reason: 'the trigger joins them',
    arrives: { headers: { 'x-tag': ['one, two, three'] } },
  },
} satisfies Record<string, Exception>;

const lost: Exception = {
  reason: 'the trigger takes it for text, which is told',
  reply: { status: 400, body: /lost bytes of it.*deploy the image as a web function/s },
};
const untold: Exception = {
  reason: 'the trigger carries text only, which is told',
  reply: { status: 502, body: /RESULT_NOT_TEXT/ },
};

export const suites: readonly PlatformSuite[] = [
  {
    name: 'SCF web function',
    start: async (row, environment) => {
      const host = await startScfHost(row, environment);
      return { send: (request) => host.web(request), close: () => host.close() };
    },
    limits: {
      largestBody: 5 * 1024 * 1024,
      replyTooLarge: 7_000_000,
      exceptions: {
        'the path "/" is the predict route': {
          reason: 'paths pass as they are, "/" being a path that a model server may have',
          reply: { status: 404 },
        },
      },
    },
  },
  {
    name: 'SCF event function behind API Gateway',
    start: async (row, environment) => {
      const host = await startScfHost(row, environment);
      return { send: (request) => host.trigger('gateway', request), close: () => host.close() };
    },
    limits: { largestBody: 4 * 1024 * 1024, replyTooLarge: 5_000_000, exceptions: eventExceptions },
  },
  {
    name: 'SCF event function behind a function URL',
    start: async (row, environment) => {
      const host = await startScfHost(row, environment);
      return { send: (request) => host.trigger('url', request), close: () => host.close() };
    },
    limits: {
      largestBody: 1024,
      replyTooLarge: 7_000_000,
      exceptions: {
        ...eventExceptions,
        'Latin-1 text comes back': lost,
        'UTF-16 text comes back': lost,
        'an image comes back': lost,
        'a WAV file comes back': lost,
        'multipart comes back': lost,
        'bytes of an unknown type come back': lost,
        'bytes under the name of text come back': lost,
        'the largest body comes back': lost,
        'a reply over the size limit is a clear 413, never cut off': untold,
        'a compressed reply stays compressed': {
          reason: 'the trigger carries text only, and its encoding is undone',
          reply: { status: 200, headers: { 'content-encoding': [] }, body: /^compressed by the model server$/ },
        },
      },
    },
  },
];
