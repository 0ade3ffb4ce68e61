import type { ModelRow } from '../../../core/row.ts';
import { type Environment, readChoice, readText, readWholeNumber } from '../../../core/settings.ts';
import type { ReplyLimit } from '../../call/failure-reply.ts';

/** Settings by Vertex AI and by the endpoint's owner, from the environment. */
export interface VertexSettings {
  /** Path of health checks. Default: "/health". */
  readonly healthRoute: string;
  /** Path of predictions. Default: "/predict". */
  readonly predictRoute: string;
  /** Time limit of a call, in milliseconds. */
  readonly timeout: number;
  /** Longest request body in bytes. */
  readonly maximumRequest: number;
  readonly maximumReply: ReplyLimit;
  /** Whether the model server takes all instances in one call. Undefined: see the row. */
  readonly instances: 'list' | 'each' | undefined;
  /** Maximum number of simultaneous calls for the instances of one request. */
  readonly concurrency: number;
}

/** @throws ConfigurationError naming the variable that is malformed */
export function readVertexSettings(environment: Environment): VertexSettings {
  const kind =
    readChoice(environment, 'MODELWHISK_VERTEX_ENDPOINT', [
      'dedicated',
      'shared',
      'private-service-connect',
      'private',
    ]) ?? 'dedicated';
  const { bytes, seconds } = kinds[kind];
  const milliseconds = { least: 1, most: 9_999_999 } as const;
  return {
    healthRoute: readText(environment, 'AIP_HEALTH_ROUTE', route, routeExpectation) ?? '/health',
    predictRoute: readText(environment, 'AIP_PREDICT_ROUTE', route, routeExpectation) ?? '/predict',
    timeout:
      readWholeNumber(environment, 'MODELWHISK_VERTEX_TIMEOUT', 'whole milliseconds', milliseconds) ?? seconds * 1000,
    maximumRequest: bytes,
    maximumReply: { bytes, what: `a reply of a ${kind} endpoint` },
    instances: readChoice(environment, 'MODELWHISK_VERTEX_INSTANCES', ['list', 'each']),
    concurrency:
      readWholeNumber(environment, 'MODELWHISK_VERTEX_CONCURRENCY', 'a number of calls, 1 or more', {
        least: 1,
        most: 999,
      }) ?? 4,
  };
}

/** Whether the model server takes a list of instances itself, as TensorFlow Serving and KServe do. */
export function takesInstances({ predict: { input, path }, batch }: ModelRow, { instances }: VertexSettings): boolean {
  if (instances !== undefined) return instances === 'list';
  if (batch?.path === path && batch.input === '/instances') return true;
  return input.kind === 'json' && input.fields.some(({ name }) => name === 'instances');
}

const route = /^\/[^\s?#]*$/;
const routeExpectation = 'a path that starts with "/"';

/** cloud.google.com/vertex-ai/docs: predictions/choose-endpoint-type and others (docs/protocols/vertex.md). */
const kinds = {
  dedicated: { bytes: 10 * 1024 * 1024, seconds: 600 },
  shared: { bytes: 1.5 * 1024 * 1024, seconds: 60 },
  'private-service-connect': { bytes: 10 * 1024 * 1024, seconds: 600 },
  private: { bytes: 10 * 1024 * 1024, seconds: 60 },
} as const;
