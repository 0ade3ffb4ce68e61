import { formatReference } from '../core/reference.ts';
import { commandLine } from '../core/shell.ts';
import type { DeployRequest, Step } from './deployment.ts';
import { copyStep, nameAndTag } from './image-reference.ts';

/** An image for services of AWS, which read only the account's own ECR, with the steps to store and remove it. */
export interface EcrImage {
  readonly uri: string;
  readonly account: string;
  readonly region: string;
  /** Empty if the image is in ECR already. */
  readonly store: readonly Step[];
  readonly update: readonly Step[];
  readonly remove: readonly Step[];
}

export function imageInEcr(request: DeployRequest): EcrImage {
  const { image, row } = request;
  const [, account, region] = ecrHost.exec(image.registry) ?? [];
  if (account !== undefined && region !== undefined) {
    return { uri: formatReference(image), account, region, store: [], update: [], remove: [] };
  }
  const uri = `ACCOUNT.dkr.ecr.REGION.amazonaws.com/${nameAndTag(request)}`;
  const repository = (action: string, ...more: readonly string[]): string =>
    commandLine(['aws', 'ecr', action, '--repository-name', row.name, ...more, '--region', 'REGION']);
  // The password comes from the AWS CLI, so that no Docker is needed (ECR user guide: registry_auth).
  const login = 'REGISTRY_USERNAME=AWS REGISTRY_PASSWORD="$(aws ecr get-login-password --region REGION)" ';
  const copy = copyStep(request, uri, login);
  return {
    uri,
    account: 'ACCOUNT',
    region: 'REGION',
    store: [{ command: repository('create-repository'), comment: 'once' }, copy],
    update: [copy],
    remove: [{ command: repository('delete-repository', '--force'), comment: 'the copies of the image' }],
  };
}

const ecrHost = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com$/;
