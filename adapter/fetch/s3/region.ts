import type { Environment } from '../../../core/settings.ts';

/** The AWS region: `AWS_REGION` or `AWS_DEFAULT_REGION`. Default: us-east-1. */
export function regionOf(environment: Environment): string {
  return environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'] || 'us-east-1';
}
