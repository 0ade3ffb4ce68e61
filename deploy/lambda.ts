import { curlCommand } from './curl.ts';
import { type Deployment, type DeployRequest, noGpu, type Step } from './deployment.ts';
import { imageInEcr } from './ecr.ts';
import { commandLine } from '../core/shell.ts';

/**
 * A function of AWS Lambda with a URL that anyone may call (AWS CLI reference: lambda create-function,
 * create-function-url-config, add-permission; developer guide: images-create, urls-auth, gettingstarted-limits).
 *
 * Lambda reads images only from the account's own ECR. A public URL needs both permissions since October 2025.
 */
export function deployToLambda(request: DeployRequest): Deployment {
  const { row } = request;
  const name = functionName(request);
  const { uri, account, region, store, update, remove } = imageInEcr(request);
  const aws = (...groups: readonly string[][]): string => commandLine(['aws'], ...groups, ['--region', region]);
  const permit = (id: string, action: string, ...condition: readonly string[]): Step => ({
    command: aws(
      ['lambda', 'add-permission', '--function-name', name, '--statement-id', id],
      ['--action', action, '--principal', '*', ...condition],
    ),
  });
  const { architecture, memory, timeout } = lambdaSettings(request);
  const wait = (what: string): Step => ({ command: aws(['lambda', 'wait', what, '--function-name', name]) });
  return {
    steps: [
      ...store,
      {
        command: aws(
          ['lambda', 'create-function', '--function-name', name, '--package-type', 'Image'],
          ['--code', `ImageUri=${uri}`, '--role', `arn:aws:iam::${account}:role/ROLE`],
          ['--architectures', architecture],
          ['--memory-size', String(memory), '--timeout', String(timeout)],
        ),
        comment: 'ROLE: an execution role with the policy AWSLambdaBasicExecutionRole',
      },
      wait('function-active-v2'),
      {
        command: aws(['lambda', 'create-function-url-config', '--function-name', name, '--auth-type', 'NONE']),
        comment: 'prints the FunctionUrl',
      },
      permit('public-url', 'lambda:InvokeFunctionUrl', '--function-url-auth-type', 'NONE'),
      permit('public-invoke', 'lambda:InvokeFunction', '--invoked-via-function-url'),
    ],
    update: [
      ...update,
      {
        command: aws(
          ['lambda', 'update-function-code', '--function-name', name, '--image-uri', uri],
          ['--architectures', architecture],
        ),
      },
      wait('function-updated-v2'),
    ],
    remove: [{ command: aws(['lambda', 'delete-function', '--function-name', name]) }, ...remove],
    exists: aws(['lambda', 'get-function', '--function-name', name]),
    url: aws([
      'lambda',
      'get-function-url-config',
      '--function-name',
      name,
      '--query',
      'FunctionUrl',
      '--output',
      'text',
    ]),
    call: { command: curlCommand(row, `https://URL-ID.lambda-url.${region}.on.aws${row.predict.path}`) },
    notes: [
      ...(row.memory > maximumMemory
        ? [`the row asks for ${row.memory} MB, Lambda has ${maximumMemory} MB at most`]
        : []),
      ...noGpu(request, 'Lambda'),
    ],
  };
}

/** The row's name as Lambda allows it. */
export function functionName({ row }: DeployRequest): string {
  return row.name.replaceAll('.', '-').slice(0, 64);
}

/** Memory is in MB, the time limit of a call in seconds. */
export function lambdaSettings({ row, platform }: DeployRequest): {
  readonly architecture: 'arm64' | 'x86_64';
  readonly memory: number;
  readonly timeout: number;
} {
  const architecture = platform.startsWith('linux/arm64') ? 'arm64' : 'x86_64';
  return { architecture, memory: Math.min(row.memory, maximumMemory), timeout: 300 };
}

/** The second permission of a public URL, as a resource of CloudFormation. Tools for templates add only the first. */
export function publicInvocation(functionRef: object): object {
  return {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: functionRef,
      Principal: '*',
      InvokedViaFunctionUrl: true,
    },
  };
}

/** In MB. */
const maximumMemory = 10_240;
