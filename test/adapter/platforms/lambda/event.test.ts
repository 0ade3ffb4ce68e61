import { describe, expect, test } from 'vitest';
import { readEvent } from '../../../../adapter/platforms/lambda/event.ts';
import type { EventInput } from '../../../../adapter/platforms/_event/input.ts';
import { plainValue } from '../../../../adapter/json/exact.ts';
import { fixture, type FixtureName } from './fixtures.ts';

function read(event: unknown): ReturnType<typeof readEvent> {
  return readEvent(Buffer.from(JSON.stringify(event)));
}

/** The inputs in an event or its messages, with numbers as JavaScript numbers. */
function inputsOf(event: unknown): unknown[] {
  const given = read(event);
  if (given.kind === 'inputs') return given.inputs.map(plain);
  if (given.kind === 'batch') return given.messages.flatMap(({ inputs }) => inputs().map(plain));
  return [`is ${given.kind}`];
}

function plain(input: EventInput): unknown {
  switch (input.kind) {
    case 'object':
      return input.object;
    case 'parameters':
      return JSON.parse(JSON.stringify(input.parameters, (_, value: unknown) => plainValue(value)));
    case 'text':
      return input.text;
    case 'bytes':
      return input.bytes;
    case 'url':
      return input.url;
    case 'refused':
      return input.error.message;
  }
}

const key = 'uploads/a b+cé&.png';
const object = { bucket: 'amzn-s3-demo-bucket', key, versionId: undefined };
const s3 = (record: object = {}, s3Object: object = {}) => {
  const [first] = fixture('s3-put')['Records'] as [{ s3: { object: object } }];
  const withObject = { ...first.s3, object: { ...first.s3.object, ...s3Object } };
  return { Records: [{ ...first, ...record, s3: withObject }] };
};
const sqs = (...bodies: unknown[]) => ({
  Records: bodies.map((body, index) => ({
    messageId: String(index),
    body: typeof body === 'string' ? body : JSON.stringify(body),
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-2:123456789012:queue',
  })),
});
const sns = (message: unknown) => {
  const Message = typeof message === 'string' ? message : JSON.stringify(message);
  return { Type: 'Notification', MessageId: '1', TopicArn: 'arn:aws:sns:us-east-2:1:topic', Message };
};
const snsEvent = (message: unknown) => ({
  Records: [{ EventVersion: '1.0', EventSource: 'aws:sns', Sns: sns(message) }],
});
const eventBridge = (source: string, type: string, detail: unknown) => ({
  version: '0',
  id: '17793124-05d4-b198-2fde-7ededc63b103',
  'detail-type': type,
  source,
  account: '111122223333',
  time: '2021-11-12T00:00:00Z',
  region: 'ca-central-1',
  resources: ['arn:aws:s3:::amzn-s3-demo-bucket'],
  detail,
});
const created = { version: '0', bucket: { name: 'amzn-s3-demo-bucket' }, object: { key, size: 5 } };
const kinesis = (...data: (string | Buffer)[]) => ({
  Records: data.map((each, index) => ({
    kinesis: { partitionKey: '1', sequenceNumber: `4959${index}`, data: Buffer.from(each).toString('base64') },
    eventSource: 'aws:kinesis',
    eventSourceARN: 'arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream',
  })),
});

describe('an HTTP request is one of', () => {
  test.each<[FixtureName, string]>([
    ['rest-api', 'rest'],
    ['rest-api-console-test', 'rest'],
    ['http-api', 'http'],
    ['function-url', 'http'],
    ['load-balancer', 'alb'],
    ['load-balancer-multi-value', 'alb'],
    ['http-api-payload-1', 'rest'],
    ['lattice-1', 'lattice'],
    ['lattice-2', 'lattice'],
  ])('%s', (name, kind) => {
    expect(read(fixture(name)).kind).toBe(kind);
  });
});

describe('anything that is not an event of a service is a direct invocation', () => {
  test.each([
    ['an object of parameters', { image_url: 'https://example.com/a.png' }],
    ['an object that only looks like a request', { httpMethod: 'GET', path: '/', rawPath: '/', requestContext: {} }],
    ['records that name no service', { Records: [{ id: 1 }] }],
    ['an empty list of records', { Records: [] }],
    ['parameters with names that services use, too', { source: 'camera', type: 'png', detail: 'high', Name: 'x' }],
    ['an array', [1]],
    ['a text', 'text'],
    ['null', null],
  ])('%s', (_title, event) => {
    const { kind, ...rest } = read(event) as { kind: string; parameters: unknown };
    expect([kind, JSON.parse(JSON.stringify(rest.parameters))]).toEqual(['direct', event]);
  });
});

describe('the inputs of', () => {
  test.each<[string, unknown, unknown[]]>([
    ['S3, whose keys are written as forms write them', s3(), [object]],
    [
      'S3 with a version',
      s3({}, { versionId: '096fKKXTRTtl3on89fVO.nfljtsv6qko' }),
      [{ ...object, versionId: '096fKKXTRTtl3on89fVO.nfljtsv6qko' }],
    ],
    ['S3 after a restore', s3({ eventName: 'ObjectRestore:Completed' }), [object]],
    ['a store that speaks like S3', s3({ eventName: 's3:ObjectCreated:Put' }), [object]],
    ['S3 after a removal', s3({ eventName: 'ObjectRemoved:Delete' }), []],
    ['S3 after a marker of a removal', s3({ eventName: 'ObjectRemoved:DeleteMarkerCreated' }), []],
    ['S3 after new tags', s3({ eventName: 'ObjectTagging:Put' }), []],
    ['S3 before a restore is done', s3({ eventName: 'ObjectRestore:Post' }), []],
    ['S3 after the end of a life', s3({ eventName: 'LifecycleExpiration:Delete' }), []],
    ['S3 that only sees whether it may', { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'b' }, []],
    [
      'SNS with parameters',
      snsEvent({ image_url: 'https://example.com/a.png' }),
      [{ image_url: 'https://example.com/a.png' }],
    ],
    ['SNS with a URL', snsEvent('https://example.com/a.png'), ['https://example.com/a.png']],
    ['SNS with S3 in it', snsEvent(s3()), [object]],
    ['SQS', sqs({ a: 1 }, 'https://example.com/a.png', '[1]'), [{ a: 1 }, 'https://example.com/a.png', [1]]],
    ['S3 inside of SQS', sqs(s3(), s3({ eventName: 'ObjectRemoved:Delete' })), [object]],
    [
      'SNS inside of SQS',
      sqs(sns({ a: 1 }), sns('https://example.com/a.png')),
      [{ a: 1 }, 'https://example.com/a.png'],
    ],
    ['S3 inside of SNS inside of SQS', sqs(sns(s3())), [object]],
    ['EventBridge inside of SQS', sqs(eventBridge('com.example', 'Photo', { a: 1 })), [{ a: 1 }]],
    ['EventBridge with S3, which writes keys as they are', eventBridge('aws.s3', 'Object Created', created), [object]],
    [
      'EventBridge with a version of S3',
      eventBridge('aws.s3', 'Object Created', { ...created, object: { key, 'version-id': 'v1' } }),
      [{ ...object, versionId: 'v1' }],
    ],
    ['EventBridge with a removal of S3', eventBridge('aws.s3', 'Object Deleted', created), []],
    [
      "EventBridge with an application's own event",
      eventBridge('com.example', 'Photo', { image_url: 'x:' }),
      [{ image_url: 'x:' }],
    ],
    ['Kinesis', kinesis('{"a":1}', 'https://example.com/a.png'), [{ a: 1 }, 'https://example.com/a.png']],
    ['Kinesis with bytes', kinesis(Buffer.from([0x89, 0x50])), [Buffer.from([0x89, 0x50])]],
  ])('%s', (_title, event, inputs) => {
    expect(inputsOf(event)).toEqual(inputs);
  });

  test('keep the digits of their numbers', () => {
    const event = read(sqs('{"seed":12345678901234567890}'));
    const [input] = event.kind === 'batch' ? (event.messages[0]?.inputs() ?? []) : [];
    expect(input?.kind === 'parameters' && String((input.parameters as { seed: unknown }).seed)).toBe(
      '12345678901234567890',
    );
  });
});

test.each([
  ['a FIFO queue', { Records: [{ ...sqs('')['Records'][0], eventSourceARN: 'arn:aws:sqs:x:1:q.fifo' }] }, true],
  ['a queue', sqs(''), false],
  ['a stream', kinesis('1'), true],
])('the order of %s counts: %s', (_title, event, isOrdered) => {
  expect(read(event)).toMatchObject({ kind: 'batch', messages: [{ isOrdered }] });
});

describe('an envelope without an input for a model is refused by name', () => {
  test.each<[string, unknown]>([
    ['aws:dynamodb', { Records: [{ eventSource: 'aws:dynamodb', dynamodb: {} }] }],
    ['aws:ses', { Records: [{ eventSource: 'aws:ses', ses: {} }] }],
    ['CloudFront', { Records: [{ cf: { request: {} } }] }],
    ['aws:kafka', { eventSource: 'aws:kafka', records: {} }],
    ['SelfManagedKafka', { eventSource: 'SelfManagedKafka', records: {} }],
    ['aws:rmq', { eventSource: 'aws:rmq', rmqMessagesByQueue: {} }],
    ['EventBridge\'s "Scheduled Event" of aws.events', eventBridge('aws.events', 'Scheduled Event', {})],
    [
      'EventBridge\'s "EC2 Instance State-change Notification" of aws.ec2',
      eventBridge('aws.ec2', 'EC2 Instance State-change Notification', {}),
    ],
    ['CloudWatch Logs', { awslogs: { data: 'H4sI' } }],
    ['CloudWatch alarms', { source: 'aws.cloudwatch', alarmArn: 'arn:', alarmData: {} }],
    ['Data Firehose', { invocationId: '1', deliveryStreamArn: 'arn:', region: 'x', records: [] }],
    [
      'an API Gateway WebSocket API',
      { requestContext: { routeKey: '$default', connectionId: 'x=', stage: 'p' }, body: '' },
    ],
    ['an API Gateway authorizer', { type: 'TOKEN', methodArn: 'arn:', authorizationToken: 'x' }],
    ['an API Gateway authorizer', { ...fixture('rest-api'), type: 'REQUEST', methodArn: 'arn:' }],
    ['Cognito', { version: '1', triggerSource: 'PreSignUp_SignUp', userPoolId: 'x', request: {}, response: {} }],
    ['CloudFormation', { RequestType: 'Create', StackId: 'arn:', ResponseURL: 'https://' }],
    ['AWS Config', { invokingEvent: '{}', configRuleName: 'x' }],
    ['CodePipeline', { 'CodePipeline.job': { id: '1' } }],
    ['S3 Object Lambda', { getObjectContext: {}, userRequest: {} }],
    ['S3 Batch Operations', { invocationSchemaVersion: '1.0', job: {}, tasks: [] }],
    ['Secrets Manager', { SecretId: 'arn:', ClientRequestToken: 'x', Step: 'createSecret' }],
    ['Lex', { bot: {}, invocationSource: 'DialogCodeHook', sessionState: {} }],
    ['Amazon Connect', { Details: {}, Name: 'ContactFlowEvent' }],
    ['Bedrock agents', { messageVersion: '1.0', agent: {}, inputText: '' }],
    ['AppSync', { arguments: {}, info: { fieldName: 'x' } }],
  ])('%s', (name, event) => {
    const message = `an event of ${name} has no input for the model`;
    expect(inputsOf(event)).toEqual([message]);
    expect(inputsOf(sqs(event))).toEqual([message]);
  });
});

describe('a malformed event of a service is refused', () => {
  test.each([
    [{ ...fixture('http-api'), version: '1.0' }, /^the HTTP API event is malformed at version/],
    [{ ...fixture('http-api'), rawPath: 7 }, /^the HTTP API event is malformed at rawPath/],
    [{ ...fixture('rest-api'), multiValueHeaders: { a: 'b' } }, /^the REST API event .* multiValueHeaders\.a/],
    [{ ...fixture('load-balancer'), httpMethod: null }, /^the load balancer event is malformed at httpMethod/],
    [{ ...fixture('lattice-2'), path: 7 }, /^the VPC Lattice event is malformed at path/],
    [{ Records: [{ eventSource: 'aws:s3' }] }, /^the S3 event is malformed at Records\.0\.s3/],
    [{ Records: [{ EventSource: 'aws:sns' }] }, /^the SNS event is malformed at Records\.0\.Sns/],
    [{ Records: [{ eventSource: 'aws:sqs' }] }, /^the SQS event is malformed at Records\.0\.messageId/],
    [{ Records: [{ eventSource: 'aws:kinesis' }] }, /^the Kinesis event is malformed at Records\.0\.kinesis/],
    [eventBridge('aws.s3', 'Object Created', {}), /^the EventBridge event is malformed at detail\.bucket/],
  ])('%j', (event, message) => {
    expect(() => read(event)).toThrow(message);
  });
});
