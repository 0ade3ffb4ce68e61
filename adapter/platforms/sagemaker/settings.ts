import { ConfigurationError } from '../../../core/errors.ts';
import { type Environment, readChoice, readWholeNumber } from '../../../core/settings.ts';
import type { ReplyLimit } from '../../call/failure-reply.ts';

/** Settings by SageMaker and by the endpoint's owner, from the environment. */
export interface SageMakerSettings {
  /** Milliseconds until the head of a reply has to be sent. */
  readonly timeout: number;
  /** Milliseconds until the end of a streamed reply. */
  readonly streamTimeout: number;
  /** Longest request body in bytes. */
  readonly maximumRequest: number;
  readonly maximumReply: ReplyLimit;
  /** Whether replies are streamed. Otherwise they are collected, so that a too long one becomes a clear 413. */
  readonly streams: boolean;
  /** Ports that do not collide with those of other containers, if several share a host. */
  readonly safePorts: readonly [lowest: number, highest: number] | undefined;
}

/**
 * Reads the variables that docs/protocols/sagemaker.md names.
 *
 * @throws ConfigurationError naming the variable that is malformed
 */
export function readSageMakerSettings(environment: Environment): SageMakerSettings {
  const isBatch = environment['SAGEMAKER_BATCH']?.toLowerCase() === 'true';
  const kind =
    readChoice(environment, 'MODELWHISK_SAGEMAKER_ENDPOINT', ['real-time', 'serverless', 'async', 'batch']) ??
    (isBatch ? 'batch' : 'real-time');
  const { megabytes, seconds, streamSeconds = seconds, what } = kinds[kind];
  const timeout = readWholeNumber(environment, 'MODELWHISK_SAGEMAKER_TIMEOUT', 'whole milliseconds', {
    least: 1,
    most: 9_999_999,
  });
  // 0 means that SageMaker has no limit.
  const payload = readWholeNumber(environment, 'SAGEMAKER_MAX_PAYLOAD_IN_MB', 'whole megabytes', { most: 99_999 });
  const limit = (kind === 'batch' && payload ? payload : megabytes) * 1024 * 1024;
  return {
    timeout: timeout ?? seconds * 1000,
    streamTimeout: timeout ?? streamSeconds * 1000,
    maximumRequest: kind === 'batch' && payload === 0 ? Number.POSITIVE_INFINITY : limit,
    maximumReply: { bytes: limit, what },
    streams: kind !== 'serverless',
    safePorts: readSafePorts(environment),
  };
}

/** InvokeEndpoint, serverless-endpoints-invoke, async-inference, CreateTransformJob (docs/protocols/sagemaker.md). */
const kinds: Readonly<Record<'real-time' | 'serverless' | 'async' | 'batch', Kind>> = {
  'real-time': { megabytes: 25, seconds: 60, streamSeconds: 480, what: 'a reply of a real-time endpoint' },
  serverless: { megabytes: 4, seconds: 60, what: 'a reply of a serverless endpoint' },
  async: { megabytes: 1024, seconds: 3600, what: 'a reply of an asynchronous endpoint' },
  batch: { megabytes: 100, seconds: 3600, what: 'a reply of a batch transform' },
};

interface Kind {
  readonly megabytes: number;
  readonly seconds: number;
  /** The same for the end of a stream. Default: `seconds`. */
  readonly streamSeconds?: number;
  readonly what: string;
}

function readSafePorts(environment: Environment): readonly [number, number] | undefined {
  const name = 'SAGEMAKER_SAFE_PORT_RANGE';
  const text = environment[name];
  if (!text) return undefined;
  const [, lowest, highest] = /^(\d{1,5})-(\d{1,5})$/.exec(text) ?? [];
  if (lowest !== undefined && highest !== undefined && Number(lowest) <= Number(highest)) {
    return [Number(lowest), Number(highest)];
  }
  throw new ConfigurationError(name, text, 'two TCP ports, as in 7000-7999');
}
