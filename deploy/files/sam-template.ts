import type { DeployRequest } from '../deployment.ts';
import { imageInEcr } from '../ecr.ts';
import { functionName, lambdaSettings, publicInvocation } from '../lambda.ts';
import { type DeployFile, yamlFile } from './deploy-file.ts';

/** A template of AWS SAM with a function and its public URL (SAM developer guide: sam-resource-function). */
export function samTemplate(request: DeployRequest): DeployFile {
  const name = functionName(request);
  const { uri, region, store } = imageInEcr(request);
  const { architecture, memory, timeout } = lambdaSettings(request);
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Transform: 'AWS::Serverless-2016-10-31',
    Resources: {
      Model: {
        Type: 'AWS::Serverless::Function',
        Properties: {
          FunctionName: name,
          PackageType: 'Image',
          ImageUri: uri,
          Architectures: [architecture],
          MemorySize: memory,
          Timeout: timeout,
          FunctionUrlConfig: { AuthType: 'NONE' },
        },
      },
      PublicInvocation: publicInvocation({ Ref: 'Model' }),
    },
    Outputs: { Url: { Value: { 'Fn::GetAtt': ['ModelUrl', 'FunctionUrl'] } } },
  };
  const commands = [
    ...store.map(({ command }) => command),
    `sam deploy --template-file template.yaml --stack-name ${name} --capabilities CAPABILITY_IAM --resolve-image-repos --region ${region}`,
    `sam delete --stack-name ${name} --region ${region}`,
  ];
  return yamlFile('template.yaml', commands, template);
}
