import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { assertRunReply } from '../support/replies.ts';
import { serverSetting } from '../support/rows.ts';
import { createSubject } from '../support/subject.ts';
import { deepJson, json, jsonObject, mutated } from './arbitraries.ts';
import { campaign, type Campaign } from './campaign.ts';

const envelope = fc.record(
  {
    value: fc.oneof(jsonObject, json),
    deadline: fc.oneof(json, fc.integer({ min: 2e12, max: 9e15 }).map(String)),
    activation_id: json,
    action_name: json,
    namespace: json,
    transaction_id: json,
    api_key: json,
  },
  { requiredKeys: [] },
);

const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  envelope.map((value) => Buffer.from(JSON.stringify(value))),
  mutated(envelope.map((value) => JSON.stringify(value))),
  deepJson.map((value) => Buffer.from(`{"value":{"deep":${value}}}`)),
  deepJson.map((value) => Buffer.from(value)),
);

const initEnvelope = fc.record(
  {
    value: fc.oneof(json, fc.record({ name: json, code: json, env: fc.oneof(json, jsonObject) }, { requiredKeys: [] })),
  },
  { requiredKeys: [] },
);

const initBodies = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  initEnvelope.map((value) => Buffer.from(JSON.stringify(value))),
  mutated(initEnvelope.map((value) => JSON.stringify(value))),
  deepJson.map((value) => Buffer.from(`{"value":{"env":{"A":${value}}}}`)),
);

/** Any bodies for the two paths of the action interface. */
export const bodyCampaigns: readonly Campaign[] = [
  campaign('whatever is posted to /run is answered with 200 and a result that the platform takes', async () => {
    const subject = createSubject(await serverSetting('express', 'recorder.mjs'));
    return {
      inputs: bodies,
      async check(body) {
        assertRunReply(await subject.post('/run', body));
      },
      close: subject.close,
    };
  }),
  campaign(
    'whatever is posted to /init is accepted or refused with a reason, and /run works after it',
    async () => {
      const subject = createSubject(await serverSetting('express', 'recorder.mjs'));
      return {
        inputs: initBodies,
        async check(body) {
          const reply = await subject.post('/init', body);
          assert.ok([200, 400, 502].includes(reply.status), `${reply.status} ${reply.text}`);
          assert.deepEqual(reply.all('content-length'), [String(reply.body.length)]);
          if (reply.status !== 200) assert.equal(typeof reply.json()['error'], 'string');
          const run = await subject.post('/run', '{"value":{"__ow_method":"get","__ow_path":"/x"}}');
          assert.equal(Number(assertRunReply(run)['statusCode']), 200);
          // An adapter accepts only one /init.
          if (reply.status === 200) await subject.renew();
        },
        close: subject.close,
      };
    },
    25,
  ),
];
