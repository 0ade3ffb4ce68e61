import { curlCommand } from './curl.ts';
import type { Deployment, DeployRequest } from './deployment.ts';
import { dnsName } from './image-reference.ts';
import { formatReference } from '../core/reference.ts';
import { commandLine } from '../core/shell.ts';

/**
 * A service of Knative Serving (knative.dev: kn service create), on any Kubernetes cluster. Requests may take 300 s,
 * the default. A GPU is the resource that NVIDIA's device plugin adds to the cluster's nodes.
 *
 * kn's default security context refuses images that run as root or as a user without a number, as most model images do.
 */
export function deployToKnative(request: DeployRequest): Deployment {
  const { row, image } = request;
  const name = dnsName(request, 63);
  const memory = `memory=${row.memory}Mi`;
  const gpus = row.gpu === undefined ? [] : ['--limit', `nvidia.com/gpu=${row.gpu}`];
  const limits = ['--request', memory, '--limit', memory, ...gpus, '--security-context', 'none'];
  return {
    steps: [{ command: kn('create', name, '--image', formatReference(image), ...limits) }],
    update: [{ command: kn('update', name, '--image', formatReference(image)) }],
    remove: [{ command: kn('delete', name) }],
    exists: kn('describe', name),
    url: kn('describe', name, '-o', 'url'),
    call: {
      command: curlCommand(row, `http://${name}.NAMESPACE.DOMAIN${row.predict.path}`),
      comment: `kn service describe ${name} -o url tells the URL`,
    },
    notes: [],
  };
}

function kn(...words: readonly string[]): string {
  return commandLine(['kn', 'service', ...words]);
}
