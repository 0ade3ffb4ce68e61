import * as fc from 'fast-check';
import { assertRunReply } from '../support/replies.ts';
import { kinds, serverSetting } from '../support/rows.ts';
import { createSubject } from '../support/subject.ts';
import { contentTypes, json, jsonObject, names } from './arbitraries.ts';
import { campaign, type Campaign } from './campaign.ts';

const methods = fc.oneof(
  fc.constantFrom('get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'POST', 'connect', 'trace', 'foo', ''),
  fc.string(),
);

const paths = fc.oneof(
  fc.constantFrom('', '/', '/predict', '//', '/a/../b', '/%', '/%zz', '/a b', '/a?b#c', '/\r\nX: 1', '/é', 'predict'),
  fc.string({ unit: 'grapheme' }).map((text) => `/${text}`),
  fc.webPath(),
);

const headerNames = fc.oneof(
  fc.constantFrom(
    'content-type', 'content-length', 'transfer-encoding', 'connection', 'host', 'expect', 'upgrade', 'te', 'trailer',
    'content-encoding', 'accept-encoding', 'authorization', 'cookie', ':authority', 'x-a\r\nx-b',
  ), // prettier-ignore
  names,
);

const headers = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(contentTypes, fc.dictionary(headerNames, fc.oneof(fc.string(), json))).map(withType),
  },
  { weight: 1, arbitrary: json },
);

const bodies = fc.oneof(
  json,
  fc.string({ unit: 'binary' }),
  fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')),
  fc.constant('a'.repeat(1_000_000)),
);

const metadata = fc.record(
  {
    __ow_method: fc.oneof({ weight: 9, arbitrary: methods }, { weight: 1, arbitrary: json }),
    __ow_path: fc.oneof({ weight: 9, arbitrary: paths }, { weight: 1, arbitrary: json }),
    __ow_headers: headers,
    __ow_body: bodies,
    __ow_query: fc.oneof(fc.webQueryParameters(), fc.string({ unit: 'grapheme' }), json),
    __ow_user: json,
  },
  { requiredKeys: ['__ow_method'] },
);

const parameters = fc.tuple(jsonObject, metadata).map(([own, platform]) => ({ ...own, ...platform }));

/** Parameters of raw (with `__ow_query`) and standard web actions, valid and invalid. */
export const webParameterCampaigns: readonly Campaign[] = kinds.map((kind) =>
  campaign(`whatever a web action is given, an ${kind} model server's adapter answers in statusCode`, async () => {
    const subject = createSubject(await serverSetting(kind, 'recorder.mjs'));
    return {
      inputs: parameters,
      async check(value) {
        assertRunReply(await subject.post('/run', JSON.stringify({ value })));
      },
      close: subject.close,
    };
  }),
);

function withType([contentType, others]: [string, Record<string, unknown>]): Record<string, unknown> {
  return contentType === '' ? others : { ...others, 'content-type': contentType };
}
