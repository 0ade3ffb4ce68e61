import type { DeployRequest, DeployTarget } from '../deployment.ts';
import type { DeployFile } from './deploy-file.ts';
import { knativeService } from './knative-service.ts';
import { samTemplate } from './sam-template.ts';
import { serverlessService } from './serverless-service.ts';
import { wskdeployManifest } from './wskdeploy-manifest.ts';

/** The platforms that have such files. */
export const fileTargets = ['openwhisk', 'lambda', 'knative'] as const satisfies readonly DeployTarget[];

/** The files for an image on a platform. None if the platform has no such tools. */
export function filesOn(target: DeployTarget, request: DeployRequest): readonly DeployFile[] {
  switch (target) {
    case 'openwhisk':
      return [wskdeployManifest(request)];
    case 'lambda':
      return [serverlessService(request), samTemplate(request)];
    case 'knative':
      return [knativeService(request)];
    case 'sagemaker':
    case 'vertex':
    case 'scf':
    case 'azure':
    case 'cloud-run':
    case 'code-engine':
      return [];
  }
}
