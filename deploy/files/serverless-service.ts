import type { DeployRequest } from '../deployment.ts';
import { imageInEcr } from '../ecr.ts';
import { functionName, lambdaSettings, publicInvocation } from '../lambda.ts';
import { type DeployFile, yamlFile } from './deploy-file.ts';

/**
 * A service of the Serverless Framework on AWS with a function and its public URL (serverless.com/framework/docs:
 * providers/aws/guide/functions, serverless.yml).
 */
export function serverlessService(request: DeployRequest): DeployFile {
  const { uri, region, store } = imageInEcr(request);
  const { architecture, memory, timeout } = lambdaSettings(request);
  const name = functionName(request);
  const service = {
    service: name,
    frameworkVersion: '>=3',
    provider: { name: 'aws', region, architecture },
    functions: { model: { name, image: uri, memorySize: memory, timeout, url: true } },
    // The framework names the function's resource after the function.
    resources: { Resources: { PublicInvocation: publicInvocation({ Ref: 'ModelLambdaFunction' }) } },
  };
  const commands = [...store.map(({ command }) => command), 'serverless deploy', 'serverless remove'];
  return yamlFile('serverless.yml', commands, service);
}
