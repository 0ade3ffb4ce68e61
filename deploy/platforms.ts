import { deployToAzure } from './azure.ts';
import { deployToCloudRun } from './cloud-run.ts';
import { deployToCodeEngine } from './code-engine.ts';
import type { Deployment, DeployRequest, DeployTarget } from './deployment.ts';
import { deployToKnative } from './knative.ts';
import { deployToLambda } from './lambda.ts';
import { deployToOpenWhisk } from './openwhisk.ts';
import { deployToSageMaker } from './sagemaker.ts';
import { deployToScf } from './scf.ts';
import { deployToVertex } from './vertex.ts';

/** The commands for an image on a platform. */
export function deploymentOn(target: DeployTarget, request: DeployRequest): Deployment {
  return deployers[target](request);
}

const deployers: Readonly<Record<DeployTarget, (request: DeployRequest) => Deployment>> = {
  openwhisk: deployToOpenWhisk,
  lambda: deployToLambda,
  sagemaker: deployToSageMaker,
  vertex: deployToVertex,
  scf: deployToScf,
  azure: deployToAzure,
  knative: deployToKnative,
  'cloud-run': deployToCloudRun,
  'code-engine': deployToCodeEngine,
};
