import { formatReference } from '../../core/reference.ts';
import type { DeployRequest } from '../deployment.ts';
import { dnsName } from '../image-reference.ts';
import { type DeployFile, yamlFile } from './deploy-file.ts';

/**
 * A service of Knative Serving that grows with the calls in progress, from no container to ten (knative.dev/docs:
 * serving/reference/serving-api, serving/autoscaling).
 */
export function knativeService(request: DeployRequest): DeployFile {
  const { row, image } = request;
  const memory = `${row.memory}Mi`;
  const gpus = row.gpu === undefined ? {} : { 'nvidia.com/gpu': String(row.gpu) };
  const service = {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { name: dnsName(request, 63) },
    spec: {
      template: {
        metadata: {
          annotations: {
            'autoscaling.knative.dev/metric': 'concurrency',
            'autoscaling.knative.dev/target': String(row.batch === undefined ? 4 : 32),
            'autoscaling.knative.dev/min-scale': '0',
            'autoscaling.knative.dev/max-scale': '10',
          },
        },
        spec: {
          timeoutSeconds: 300,
          containers: [
            {
              image: formatReference(image),
              ports: [{ containerPort: 8080 }],
              resources: { requests: { memory }, limits: { memory, ...gpus } },
            },
          ],
        },
      },
    },
  };
  const commands = ['kubectl apply -f service.yaml', 'kubectl delete -f service.yaml'];
  return yamlFile('service.yaml', commands, service);
}
