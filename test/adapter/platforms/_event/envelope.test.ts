import { describe, expect, test } from 'vitest';
import { readInvocation } from '../../../../adapter/platforms/azure/invocation.ts';
import type { EventInput } from '../../../../adapter/platforms/_event/input.ts';
import { readEvent as readLambdaEvent } from '../../../../adapter/platforms/lambda/event.ts';
import { feedInputs } from '../../../../adapter/platforms/openwhisk/feed.ts';
import { readEvent as readScfEvent } from '../../../../adapter/platforms/scf/event.ts';
import { JsonText } from '../../../../adapter/json/exact.ts';

const data = Buffer.from('{"n":1}').toString('base64');
const message = { data, messageId: '1', publishTime: '2026-01-01T00:00:00Z' };
const pubSub = { message, subscription: 'projects/p/subscriptions/s' };
const sns = { Type: 'Notification', MessageId: '1', TopicArn: 'arn:aws:sns:eu-west-1:1:t', Message: '{"n":1}' };

type Inputs = readonly EventInput[] | undefined;

/** An event that is not sent over HTTP, as each platform gets it. Undefined if it would become the model's input. */
const platforms: readonly [name: string, inputs: (event: object) => Inputs | Promise<Inputs>][] = [
  ['Lambda', (event) => inputsOf(readLambdaEvent(bytes(event)))],
  ['SCF', (event) => inputsOf(readScfEvent(bytes(event)))],
  ['OpenWhisk', (event) => feedInputs(JsonText.parse(JSON.stringify(event)).members() ?? {})],
  [
    'Azure Functions',
    (event) => {
      const invocation = readInvocation(bytes({ Data: { message: JSON.stringify(event) }, Metadata: {} }), 'f');
      return invocation.kind === 'inputs' ? (invocation.inputs as readonly EventInput[]) : undefined;
    },
  ],
];

function bytes(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function inputsOf(event: { readonly kind: string; readonly inputs?: readonly EventInput[] }) {
  return event.kind === 'inputs' ? event.inputs : undefined;
}

describe.each(platforms)('an event of %s that is an envelope of another service is opened', (_name, inputs) => {
  test.each([
    ['Pub/Sub', pubSub],
    ['SNS', sns],
    ['EventBridge', { 'detail-type': 't', source: 'own', detail: { n: 1 } }],
    ['CloudEvents', { specversion: '1.0', id: '1', source: '/', type: 't', data: { n: 1 } }],
    ['Event Grid', { id: '1', subject: '/s', eventType: 'Own', eventTime: '2026-01-01T00:00:00Z', data: { n: 1 } }],
    ['Pub/Sub in SNS', { ...sns, Message: JSON.stringify(pubSub) }],
    ['SNS in Pub/Sub', { ...pubSub, message: { ...message, data: bytes(sns).toString('base64') } }],
  ])('%s', async (_service, event) => {
    const [input, ...others] = (await inputs(event)) ?? [];
    expect([input?.kind, others]).toEqual(['parameters', []]);
    expect(JSON.stringify(input)).toContain('"n":');
  });

  test.each([
    ['CloudWatch Logs', { awslogs: { data: 'H4s=' } }],
    ['Firehose', { deliveryStreamArn: 'a', records: [], invocationId: '1' }],
    ['an AWS service by EventBridge', { 'detail-type': 't', source: 'aws.ec2', detail: {} }],
    ['an Azure service by Event Grid', { id: '1', subject: '/s', eventType: 'Microsoft.X', eventTime: 't', data: {} }],
  ])('or refused: %s', async (_service, event) => {
    expect(await inputs(event)).toMatchObject([{ kind: 'refused' }]);
  });
});
