import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { parseJson } from '../../../gateway/json/parse.ts';
import { printJson } from '../../../gateway/json/print.ts';
import type { ClientRequest } from '../../contract/platform-client.ts';
import { sendHttp } from '../../adapter/http-client.ts';
import { startListening } from '../../adapter/adapter-process.ts';
import { triggerPayload } from '../../adapter/platforms/azure/http-trigger.ts';
import { functionUrl, httpApi, restApi } from '../../adapter/platforms/lambda/front-ends.ts';
import { startLambdaFunction } from '../../adapter/platforms/lambda/start-lambda.ts';
import { httpEvent } from '../../adapter/platforms/scf/http-event.ts';
import { serverSetting } from '../support/rows.ts';
import {
  changed,
  contentTypes,
  json,
  jsonObject,
  jsonObjectText,
  jsonText,
  mutated,
  names,
  plainText,
} from './arbitraries.ts';
import { campaign, type Campaign } from './campaign.ts';

const requests: fc.Arbitrary<ClientRequest> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD'),
  path: plainText.map((text) => `/${encodeURIComponent(text)}`),
  query: fc.webQueryParameters(),
  headers: contentTypes.map((type) => [['Content-Type', Buffer.from(type).toString('latin1')]] as const),
  body: fc.uint8Array({ maxLength: 100 }),
  timeLimit: fc.constant(30_000),
});

/** Events of services with one change, and any other JSON. */
function events(...services: readonly ((request: ClientRequest) => object)[]): fc.Arbitrary<Buffer> {
  const sent = fc.tuple(requests, fc.constantFrom(...services)).map(([request, service]) => service(request));
  const records = fc.record({ Records: fc.array(fc.oneof(jsonObject, json), { maxLength: 3 }) });
  return fc.oneof(
    changed(sent).map((event) => Buffer.from(JSON.stringify(event))),
    mutated(sent.map((event) => JSON.stringify(event))),
    changed(records).map((event) => Buffer.from(JSON.stringify(event))),
    jsonText.map((event) => Buffer.from(event)),
  );
}

const cloudEvents = fc.record(
  {
    specversion: fc.constant('1.0'),
    id: fc.constant('1'),
    source: fc.constant('/camera'),
    type: fc.constant('picture'),
    datacontenttype: contentTypes,
    data: json,
    data_base64: fc.constantFrom('AAAA', 'A', '!'),
    subject: plainText,
  },
  { requiredKeys: ['specversion', 'id', 'source', 'type'] },
);

/** Posts to an adapter on this platform. Every reply must be JSON with an HTTP status. */
function listeningCampaign(
  title: string,
  inputs: fc.Arbitrary<Buffer>,
  path: string,
  environment: (port: string) => Readonly<Record<string, string>>,
  contentType = 'application/json',
): Campaign {
  return campaign(title, async () => {
    const { row } = await serverSetting('express', 'recorder.mjs');
    const { port, adapter } = await startListening(row, (chosen) => ({
      MODELWHISK_LOG: 'off',
      ...environment(chosen),
    }));
    return {
      inputs,
      async check(body) {
        const headers = [['Content-Type', contentType]] as const;
        const reply = await sendHttp(port, { method: 'POST', path, query: '', headers, body });
        assert.ok(reply.status >= 200 && reply.status <= 599);
        JSON.parse(Buffer.from(reply.body).toString());
      },
      close: async () => adapter.stop(),
    };
  });
}

/** Events of the other platforms. The platform must always get a valid answer. */
export const platformEventCampaigns: readonly Campaign[] = [
  campaign('whatever event Lambda hands out, it is answered or refused with a reason', async () => {
    const { row } = await serverSetting('express', 'recorder.mjs');
    const lambda = await startLambdaFunction(row, { MODELWHISK_LOG: 'off' });
    return {
      inputs: events(
        ...[restApi, httpApi, functionUrl].map((frontEnd) => (request: ClientRequest) => frontEnd.event(request)),
      ),
      async check(event) {
        const { kind, body } = await lambda.api.invoke(event);
        const answer: unknown = JSON.parse(body.toString());
        if (kind === 'error') assert.equal(typeof (answer as Record<string, unknown>)['errorMessage'], 'string');
        else assert.equal(kind, 'response');
      },
      close: async () => lambda.stop(),
    };
  }),
  listeningCampaign(
    'whatever event SCF posts, it is answered with JSON',
    events(
      (request) => httpEvent('gateway', request),
      (request) => httpEvent('url', request),
    ),
    '/event-invoke',
    (port) => ({ TENCENTCLOUD_RUNENV: 'SCF', MODELWHISK_SCF_FUNCTION: 'event', MODELWHISK_PORT: port }),
  ),
  listeningCampaign(
    'whatever the Functions host of Azure posts, it is answered with JSON',
    events(triggerPayload),
    '/predict',
    (port) => ({ FUNCTIONS_CUSTOMHANDLER_PORT: port }),
  ),
  listeningCampaign(
    'whatever CloudEvent is posted where plain HTTP is served, it is answered with JSON',
    fc.oneof(
      changed(cloudEvents).map((event) => Buffer.from(JSON.stringify(event))),
      mutated(cloudEvents.map((event) => JSON.stringify(event))),
      jsonText.map((event) => Buffer.from(event)),
    ),
    '/predict',
    (port) => ({ MODELWHISK_PLATFORM: 'http', PORT: port }),
    'application/cloudevents+json',
  ),
  campaign('a direct event of Lambda reaches the model server with every digit, name and text', async () => {
    const { row } = await serverSetting('express', 'recorder.mjs');
    const lambda = await startLambdaFunction(row, { MODELWHISK_LOG: 'off' });
    return {
      inputs: jsonObjectText(names),
      async check(event) {
        const { kind, body } = await lambda.api.invoke(Buffer.from(event));
        assert.equal(kind, 'response', body.toString());
        const { body: arrived } = JSON.parse(body.toString()) as { body: string };
        const text = Buffer.from(arrived, 'base64').toString();
        assert.equal(printJson(parseJson(text)), printJson(parseJson(event)));
      },
      close: async () => lambda.stop(),
    };
  }),
];
