import { curlCommand } from './curl.ts';
import { type Deployment, type DeployRequest, noGpu } from './deployment.ts';
import { dnsName } from './image-reference.ts';
import { formatReference } from '../core/reference.ts';
import { commandLine } from '../core/shell.ts';

/**
 * An application of IBM Cloud Code Engine (cloud.ibm.com/docs/codeengine: codeengine-cli, mem-cpu-combo). It reads
 * images from any registry. The default timeout of requests is 300 s.
 */
export function deployToCodeEngine(request: DeployRequest): Deployment {
  const { row, image } = request;
  const name = dnsName(request, 35);
  const size = sizes.find(({ gigabytes }) => row.memory <= gigabytes * 1024) ?? largestSize;
  const application = (action: string, ...words: readonly string[]): string =>
    commandLine(['ibmcloud', 'ce', 'application', action, '--name', name, ...words]);
  const limits = ['--cpu', String(size.cpu), '--memory', `${size.gigabytes}G`];
  return {
    steps: [{ command: application('create', '--image', formatReference(image), ...limits) }],
    update: [{ command: application('update', '--image', formatReference(image), ...limits) }],
    remove: [{ command: application('delete', '--force') }],
    exists: application('get'),
    url: application('get', '--output', 'url'),
    call: {
      command: curlCommand(row, `https://${name}.ID.REGION.codeengine.appdomain.cloud${row.predict.path}`),
      comment: `ibmcloud ce application get --name ${name} --output url tells the URL`,
    },
    notes: [
      ...(row.memory > size.gigabytes * 1024
        ? [`the row asks for ${row.memory} MB, Code Engine has ${size.gigabytes} GB at most`]
        : []),
      ...noGpu(request, 'a Code Engine application'),
    ],
  };
}

const largestSize = { cpu: 8, gigabytes: 32 };

/** The allowed combinations of CPU and memory, with the most CPU for each memory. */
const sizes = [
  { cpu: 0.25, gigabytes: 0.5 },
  { cpu: 0.5, gigabytes: 1 },
  { cpu: 1, gigabytes: 2 },
  { cpu: 2, gigabytes: 4 },
  { cpu: 4, gigabytes: 8 },
  { cpu: 6, gigabytes: 12 },
  { cpu: 8, gigabytes: 16 },
  { cpu: 6, gigabytes: 24 },
  largestSize,
];
