import { formatReference } from '../core/reference.ts';
import { commandLine } from '../core/shell.ts';
import type { DeployRequest, Step } from './deployment.ts';
import { copyStep, nameAndTag } from './image-reference.ts';

/** An image for services of Google Cloud, with the steps to store it. */
export interface StoredImage {
  readonly reference: string;
  /** Empty if the service can read the image from its registry. */
  readonly store: readonly Step[];
  readonly update: readonly Step[];
}

/**
 * The image itself, if the service can read its registry; else a copy in Artifact Registry.
 *
 * @param readable matches the hosts of registries that the service can read
 */
export function imageInArtifactRegistry(request: DeployRequest, readable: RegExp): StoredImage {
  const { image } = request;
  if (readable.test(image.registry)) return { reference: formatReference(image), store: [], update: [] };
  const reference = `REGION-docker.pkg.dev/PROJECT/modelwhisk/${nameAndTag(request)}`;
  // Uses the user's Google Cloud token as the password (artifact-registry/docs/docker/authentication).
  const login = 'REGISTRY_USERNAME=oauth2accesstoken REGISTRY_PASSWORD="$(gcloud auth print-access-token)" ';
  const create = ['gcloud', 'artifacts', 'repositories', 'create', 'modelwhisk'];
  const copy = copyStep(request, reference, login);
  return {
    reference,
    store: [
      { command: commandLine([...create, '--repository-format', 'docker', '--location', 'REGION']), comment: 'once' },
      copy,
    ],
    update: [copy],
  };
}
