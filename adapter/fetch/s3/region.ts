import type { Environment } from '../../../core/settings.ts';

/** Amazon's region: `AWS_REGION` or `AWS_DEFAULT_REGION`, by default us-east-1. */
export function regionOf(environment: Environment): string {
  return environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'] || 'us-east-1';
}
