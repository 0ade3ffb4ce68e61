import { join } from 'node:path';
import { ConfigurationError } from '../../../core/errors.ts';
import { readPort } from '../../../core/settings.ts';
import type { Platform } from '../platform.ts';

/** Amazon SageMaker endpoints and batch transform (docs/protocols/sagemaker.md). */
export const sagemaker: Platform = {
  name: 'sagemaker',
  marks: /^SAGEMAKER_(BIND_TO_PORT|SAFE_PORT_RANGE|BATCH|MULTI_MODEL)$/,
  startArguments: /^(serve|train)$/,
  settings: [
    {
      name: 'MODELWHISK_SAGEMAKER_ENDPOINT',
      meaning:
        'Kind of the endpoint, for its limits: `real-time` (25 MB, 60 s, 8 minutes for a stream), `serverless` (4 MB, 60 s), `async` (1 GB, 1 hour) or `batch` (100 MB, 1 hour).',
      otherwise: '`batch` if SAGEMAKER_BATCH is `true`, else `real-time`',
    },
    {
      name: 'MODELWHISK_SAGEMAKER_TIMEOUT',
      meaning: 'Milliseconds after which a call gets 504.',
      otherwise: 'the longest time of the kind of endpoint',
    },
  ],
  // The credentials of the endpoint's role, and the adapter's port, on which a model server for SageMaker would listen.
  withheld: /^(AWS_CONTAINER_|SAGEMAKER_BIND_TO_PORT$)/,
  port: (environment) => readPort(environment, 'SAGEMAKER_BIND_TO_PORT') ?? 8080,
  // /ping answers from the start, and says whether the model is ready.
  listenDeadline: () => 0,
  modelDirectory: (environment) => join(environment['SAGEMAKER_BASE_DIR'] || '/opt/ml', 'model'),
  checkArguments: (words) => {
    if (words.join(' ') !== 'train') return;
    throw new ConfigurationError(
      'the argument',
      'train',
      '"serve": this image answers calls of a model, and trains none',
    );
  },
  load: async () => (await import('./server.ts')).startSageMaker,
};
