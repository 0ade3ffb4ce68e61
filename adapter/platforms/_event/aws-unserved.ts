import { isJsonObject } from '../../json/object.ts';
import { firstRecord, recordSource } from './aws-record.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The name of an AWS service whose envelope has no input for a model. Undefined for any other event. (AWS Lambda
 * developer guide, lambda-services, and each service's own guide.)
 */
export function unservedEnvelope(event: JsonObject): string | undefined {
  const source = namedSource(event);
  if (source !== undefined) return source;
  return services.find(({ has, within }) => has.every((key) => key in event) && (within?.(event) ?? true))?.name;
}

/** Records of streams, queues, tables and mail name their service. So do events of message brokers. */
function namedSource(event: JsonObject): string | undefined {
  const ofRecord = recordSource(event);
  if (typeof ofRecord === 'string') return ofRecord;
  if (isJsonObject(firstRecord(event)?.['cf'])) return 'CloudFront';
  const source = event['eventSource'];
  return typeof source === 'string' && /^(aws:|SelfManagedKafka$)/.test(source) ? source : undefined;
}

interface Service {
  readonly name: string;
  /** Keys that only this service's events have together. */
  readonly has: readonly string[];
  readonly within?: (event: JsonObject) => boolean;
}

const services: readonly Service[] = [
  { name: 'CloudWatch Logs', has: ['awslogs'], within: ({ awslogs }) => hasText(awslogs, 'data') },
  { name: 'CloudWatch alarms', has: ['alarmArn', 'alarmData'] },
  { name: 'Data Firehose', has: ['deliveryStreamArn', 'records'] },
  {
    name: 'an API Gateway WebSocket API',
    has: ['requestContext'],
    within: ({ requestContext }) => hasText(requestContext, 'connectionId') && hasText(requestContext, 'routeKey'),
  },
  { name: 'an API Gateway authorizer', has: ['type', 'methodArn'] },
  { name: 'an API Gateway authorizer', has: ['type', 'routeArn'] },
  { name: 'Cognito', has: ['triggerSource', 'userPoolId'] },
  { name: 'CloudFormation', has: ['RequestType', 'StackId', 'ResponseURL'] },
  { name: 'AWS Config', has: ['invokingEvent', 'configRuleName'] },
  { name: 'CodePipeline', has: ['CodePipeline.job'] },
  { name: 'S3 Object Lambda', has: ['getObjectContext'] },
  { name: 'S3 Batch Operations', has: ['invocationSchemaVersion', 'tasks'] },
  { name: 'Secrets Manager', has: ['SecretId', 'ClientRequestToken', 'Step'] },
  { name: 'Lex', has: ['bot', 'invocationSource'] },
  { name: 'Amazon Connect', has: ['Details', 'Name'], within: ({ Name }) => Name === 'ContactFlowEvent' },
  { name: 'Bedrock agents', has: ['messageVersion', 'agent'] },
  { name: 'AppSync', has: ['info', 'arguments'], within: ({ info }) => hasText(info, 'fieldName') },
];

function hasText(value: unknown, key: string): boolean {
  return isJsonObject(value) && typeof value[key] === 'string';
}
