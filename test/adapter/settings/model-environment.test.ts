import { expect, test } from 'vitest';
import { modelEnvironment } from '../../../adapter/settings/model-environment.ts';

test.each([
  ['MODELWHISK_MODEL', '{}'],
  ['LD_LIBRARY_PATH', '/modelwhisk/runtime/lib'],
  ['LD_PRELOAD', 'x.so'],
  ['NODE_OPTIONS', '--max-old-space-size=64'],
  ['__OW_API_KEY', 'secret'],
  ['AWS_SECRET_ACCESS_KEY', 'secret'],
  ['AWS_LAMBDA_RUNTIME_API', '127.0.0.1:9001'],
  ['_HANDLER', 'x'],
  ['FUNCTIONS_CUSTOMHANDLER_PORT', '1234'],
  ['TENCENTCLOUD_SECRETKEY', 'secret'],
])("%s of the adapter's process stays with the adapter", (name, value) => {
  expect(modelEnvironment({ [name]: value, PATH: '/bin' })).toEqual({ PATH: '/bin' });
});
