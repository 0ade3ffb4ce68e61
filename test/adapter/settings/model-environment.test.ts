import { describe, expect, test } from 'vitest';
import { platforms } from '../../../adapter/platforms/platforms.ts';
import { modelEnvironment, readPassedVariables } from '../../../adapter/settings/model-environment.ts';

/** The variables that the model server gets on this platform. */
function variablesOn(name: string, environment: Record<string, string>, base: Record<string, string> = {}) {
  const platform = platforms.find((each) => each.name === name);
  if (platform === undefined) throw new Error(`no platform is named ${name}`);
  const passed = readPassedVariables(environment);
  return modelEnvironment(environment, { platform, base: { environment: base }, passed });
}

describe('a platform’s own information and secrets stay with the adapter', () => {
  test.each([
    ['openwhisk', ['__OW_API_KEY', '__OW_API_HOST', '__OW_ACTIVATION_ID']],
    [
      'lambda',
      [
        'AWS_ACCESS_KEY_ID',
        'AWS_SECRET_ACCESS_KEY',
        'AWS_SESSION_TOKEN',
        'AWS_LAMBDA_RUNTIME_API',
        'AWS_LAMBDA_FUNCTION_NAME',
        'AWS_CONTAINER_AUTHORIZATION_TOKEN',
        'AWS_CONTAINER_CREDENTIALS_FULL_URI',
        'AWS_XRAY_DAEMON_ADDRESS',
        'AWS_EXECUTION_ENV',
        '_HANDLER',
        '_X_AMZN_TRACE_ID',
        'LAMBDA_TASK_ROOT',
      ],
    ],
    ['sagemaker', ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'SAGEMAKER_BIND_TO_PORT']],
    ['vertex', ['AIP_HTTP_PORT', 'AIP_HEALTH_ROUTE', 'AIP_PREDICT_ROUTE']],
    [
      'azure',
      [
        'AzureWebJobsStorage',
        'AzureWebJobsStorage__accountName',
        'AzureWebJobsDashboard',
        'AzureWebEncryptionKey',
        'AzureSignalRConnectionString',
        'WEBSITE_AUTH_ENCRYPTION_KEY',
        'WEBSITE_AUTH_SIGNING_KEY',
        'WEBSITE_CONTENTAZUREFILECONNECTIONSTRING',
        'WEBSITES_ENABLE_APP_SERVICE_STORAGE',
        'CONTAINER_ENCRYPTION_KEY',
        'CONTAINER_NAME',
        'IDENTITY_HEADER',
        'IDENTITY_ENDPOINT',
        'MSI_SECRET',
        'MSI_ENDPOINT',
        'MACHINEKEY_DecryptionKey',
        'APPSETTING_AzureWebJobsStorage',
        'APPINSIGHTS_INSTRUMENTATIONKEY',
        'APPLICATIONINSIGHTS_CONNECTION_STRING',
        'DOCKER_REGISTRY_SERVER_PASSWORD',
        'SQLAZURECONNSTR_db',
        'CUSTOMCONNSTR_store',
        'FUNCTIONS_CUSTOMHANDLER_PORT',
        'FUNCTIONS_WORKER_RUNTIME',
        'AZURE_FUNCTIONS_ENVIRONMENT',
      ],
    ],
    ['scf', ['TENCENTCLOUD_SECRETID', 'TENCENTCLOUD_SECRETKEY', 'TENCENTCLOUD_SESSIONTOKEN', 'SCF_FUNCTIONNAME']],
  ])('on %s', (name, withheld) => {
    const environment = Object.fromEntries(withheld.map((each) => [each, 'secret']));
    expect(variablesOn(name, { ...environment, PATH: '/bin' })).toEqual({ PATH: '/bin' });
  });

  test.each(platforms)('and the settings of the adapter on $name', ({ name }) => {
    expect(variablesOn(name, { MODELWHISK_MODEL: '{}', MODELWHISK_LOG: 'off' })).toEqual({});
  });
});

describe('an operator’s variables for the model reach it', () => {
  const s3 = {
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'key',
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL_S3: 'http://minio:9000',
  };
  test.each([
    ['http', { ...s3, LD_LIBRARY_PATH: '/opt/tritonserver/lib', NODE_ENV: 'production' }],
    ['http', { GOOGLE_APPLICATION_CREDENTIALS: '/key.json', HF_TOKEN: 'x', K_SERVICE: 'digits' }],
    ['openwhisk', { ...s3, LD_LIBRARY_PATH: '/opt/lib' }],
    ['azure', { ...s3, MODEL_DIR: '/models', AZURE_CLIENT_SECRET: 'x', STORAGE_KEY: 'x' }],
    ['scf', { ...s3, HF_HOME: '/tmp' }],
    ['lambda', { AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL_S3: 'http://minio:9000', AWS_PROFILE: 'models' }],
  ])('on %s: %j', (name, environment) => {
    expect(variablesOn(name, environment)).toEqual(environment);
  });
});

describe('MODELWHISK_PASS_VARIABLES', () => {
  const role = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key', AWS_SESSION_TOKEN: 'token' };
  test.each([
    ['AWS_*', role],
    ['AWS_ACCESS_KEY_ID, AWS_SECRET_*', { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' }],
    ['AWS_ACCESS', {}],
    ['*', { ...role, _HANDLER: 'x' }],
  ])('%s passes the named variables, and never a setting', (setting, expected) => {
    const environment = { ...role, _HANDLER: 'x', MODELWHISK_PASS_VARIABLES: setting };
    expect(variablesOn('lambda', environment)).toEqual(expected);
  });

  test.each(['', 'A,', 'A*B', '.*', 'a-b'])('%j is refused by name', (setting) => {
    expect(() => readPassedVariables({ MODELWHISK_PASS_VARIABLES: setting })).toThrow(
      /^MODELWHISK_PASS_VARIABLES is ".*"; expected names of variables separated by commas/,
    );
  });
});

describe('a variable of the base that the image empties', () => {
  const base = { LD_LIBRARY_PATH: '/opt/conda/lib', NODE_OPTIONS: '' };
  test.each([
    ["comes back with the base's value", { LD_LIBRARY_PATH: '', NODE_OPTIONS: '' }, base],
    [
      "comes back with the operator's where there is one",
      { LD_LIBRARY_PATH: '/x' },
      { ...base, LD_LIBRARY_PATH: '/x' },
    ],
    ['comes back where it was removed', {}, base],
    [
      'comes back with what Cloud Run appends to it for a GPU',
      { LD_LIBRARY_PATH: ':/usr/local/nvidia/lib64' },
      { ...base, LD_LIBRARY_PATH: '/opt/conda/lib:/usr/local/nvidia/lib64' },
    ],
  ])('%s', (_title, environment, expected) => {
    expect(variablesOn('http', environment, base)).toEqual(expected);
  });
});
