import { describe, expect, test } from 'vitest';
import { detectPlatform } from '../../../adapter/platforms/detect.ts';
import { platforms } from '../../../adapter/platforms/platforms.ts';

describe('detectPlatform', () => {
  test.each([
    ['nothing', {}, 'openwhisk'],
    ['__OW_API_HOST', { __OW_API_HOST: 'http://172.17.0.1:3233' }, 'openwhisk'],
    ['AWS_LAMBDA_RUNTIME_API', { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001', AWS_REGION: 'eu-west-1' }, 'lambda'],
    ['SAGEMAKER_BIND_TO_PORT', { SAGEMAKER_BIND_TO_PORT: '8080', PORT: '5000' }, 'sagemaker'],
    ['SAGEMAKER_BATCH', { SAGEMAKER_BATCH: 'true' }, 'sagemaker'],
    ['AIP_HTTP_PORT', { AIP_HTTP_PORT: '8080', PORT: '5000' }, 'vertex'],
    ['AIP_MODEL_DIR alone, which training has', { AIP_MODEL_DIR: 'gs://x' }, 'openwhisk'],
    ['only SAGEMAKER_PROGRAM, which is not a mark', { SAGEMAKER_PROGRAM: 'inference.py' }, 'openwhisk'],
    ['FUNCTIONS_CUSTOMHANDLER_PORT', { FUNCTIONS_CUSTOMHANDLER_PORT: '50123' }, 'azure'],
    ['TENCENTCLOUD_RUNENV', { TENCENTCLOUD_RUNENV: 'SCF' }, 'scf'],
    ['SCF_FUNCTIONNAME', { SCF_FUNCTIONNAME: 'digits', TENCENTCLOUD_REGION: 'ap-guangzhou' }, 'scf'],
    ['K_SERVICE and PORT', { K_SERVICE: 'digits', PORT: '8080' }, 'http'],
    ['PORT alone', { PORT: '5000' }, 'http'],
    ['an empty variable, which counts as not set', { AWS_LAMBDA_RUNTIME_API: '', PORT: '' }, 'openwhisk'],
  ])('%s', (_title, environment, platform) => {
    expect(detectPlatform(environment).name).toBe(platform);
  });

  test.each([
    [{ AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001', PORT: '5000' }, 'lambda'],
    [{ __OW_API_HOST: 'http://host', PORT: '5000' }, 'openwhisk'],
    [{ FUNCTIONS_CUSTOMHANDLER_PORT: '50123', PORT: '80' }, 'azure'],
  ])('PORT, which images set for their own server, gives way to a mark: %j', (environment, platform) => {
    expect(detectPlatform(environment).name).toBe(platform);
  });

  test.each([['serve'], ['train']])('SageMaker is recognised by the argument %s alone', (word) => {
    expect(detectPlatform({ PORT: '5000' }, [word]).name).toBe('sagemaker');
    expect(detectPlatform({}, [word, '--port', '1']).name).toBe('openwhisk');
    expect(detectPlatform({ MODELWHISK_PLATFORM: 'http' }, [word]).name).toBe('http');
    expect(() => detectPlatform({ AWS_LAMBDA_RUNTIME_API: 'x' }, [word])).toThrow(
      'MODELWHISK_PLATFORM is not set; expected "lambda" or "sagemaker", as the environment has ' +
        `AWS_LAMBDA_RUNTIME_API and the argument "${word}"`,
    );
  });

  test('MODELWHISK_PLATFORM wins over all marks', () => {
    const environment = { MODELWHISK_PLATFORM: 'http', AWS_LAMBDA_RUNTIME_API: 'x', K_SERVICE: 'y', SCF_X: 'z' };
    expect(detectPlatform(environment).name).toBe('http');
  });

  test.each([
    [
      { AWS_LAMBDA_RUNTIME_API: 'x', FUNCTIONS_CUSTOMHANDLER_PORT: '1' },
      'MODELWHISK_PLATFORM is not set; expected "lambda" or "azure", as the environment has ' +
        'AWS_LAMBDA_RUNTIME_API and FUNCTIONS_CUSTOMHANDLER_PORT',
    ],
    [
      { K_SERVICE: 'digits', SCF_FUNCTIONNAME: 'digits' },
      'MODELWHISK_PLATFORM is not set; expected "scf" or "http", as the environment has SCF_FUNCTIONNAME and K_SERVICE',
    ],
    [
      { MODELWHISK_PLATFORM: 'lambada' },
      /^MODELWHISK_PLATFORM is "lambada"; expected "openwhisk" or "lambda" or "sagemaker" or "vertex" or "azure" or "scf" or "http"$/,
    ],
  ])('refuses %j', (environment, message) => {
    expect(() => detectPlatform(environment)).toThrow(message);
  });
});

describe('the port', () => {
  test.each([
    ['openwhisk', {}, 8080],
    ['scf', { PORT: '80' }, 9000],
    ['http', {}, 8080],
    ['http', { PORT: '5000' }, 5000],
    ['sagemaker', {}, 8080],
    ['sagemaker', { SAGEMAKER_BIND_TO_PORT: '7001', PORT: '5000' }, 7001],
    ['vertex', { AIP_HTTP_PORT: '7001', PORT: '5000' }, 7001],
    ['azure', { FUNCTIONS_CUSTOMHANDLER_PORT: '50123' }, 50_123],
  ] as const)('%s %j is %i', (platform, environment, port) => {
    expect(named(platform).port(environment)).toBe(port);
  });

  test.each([
    ['http', { PORT: 'http' }, 'PORT is "http"; expected a TCP port'],
    ['sagemaker', { SAGEMAKER_BIND_TO_PORT: 'x' }, 'SAGEMAKER_BIND_TO_PORT is "x"; expected a TCP port'],
    ['azure', {}, 'FUNCTIONS_CUSTOMHANDLER_PORT is not set; expected a TCP port'],
  ] as const)('refuses %s %j', (platform, environment, message) => {
    expect(() => named(platform).port(environment)).toThrow(message);
  });
});

describe('the listen deadline is below the platform’s time limit of the start', () => {
  test.each([
    ['openwhisk', {}, undefined],
    ['http', {}, undefined],
    ['lambda', {}, 9000],
    ['lambda', { AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand' }, 9000],
    ['lambda', { AWS_LAMBDA_INITIALIZATION_TYPE: 'provisioned-concurrency' }, undefined],
    ['lambda', { AWS_LAMBDA_INITIALIZATION_TYPE: 'lambda-managed-instances' }, undefined],
    ['sagemaker', {}, 0],
    ['vertex', {}, 0],
    ['scf', {}, 25_000],
    ['azure', {}, 25_000],
  ] as const)('%s %j: %s ms', (platform, environment, milliseconds) => {
    expect(named(platform).listenDeadline(environment)).toBe(milliseconds);
  });
});

function named(name: string): (typeof platforms)[number] {
  const platform = platforms.find((each) => each.name === name);
  if (platform === undefined) throw new Error(`no platform is named ${name}`);
  return platform;
}
