import { curlCommand } from './curl.ts';
import { type Deployment, type DeployRequest, noGpu, type Step } from './deployment.ts';
import { dnsName } from './image-reference.ts';
import { type TargetReference, formatReference, shortReference } from '../core/reference.ts';
import { commandLine } from '../core/shell.ts';

/**
 * A function app of Azure Functions in a container, on an Elastic Premium plan (learn.microsoft.com:
 * functions-how-to-custom-container, functions-premium-plan; Azure CLI reference: functionapp create). Azure reads
 * images from any registry. The image must contain the Functions host, which starts the adapter as its custom handler;
 * examples/azure makes such a variant.
 */
export function deployToAzure(request: DeployRequest): Deployment {
  const { row, image } = request;
  const app = `${dnsName(request, 40)}-SUFFIX`;
  const group = ['--resource-group', 'GROUP'];
  const variant = variantOf(image);
  const sku = plans.find(({ memory }) => row.memory <= memory) ?? largestPlan;
  const pushed: Step[] = [
    {
      command: commandLine(
        ['docker', 'build', '--platform', request.platform, '--build-arg', `IMAGE=${shortReference(image)}`],
        ['--tag', shortReference(variant), 'examples/azure'],
      ),
      comment: 'the image with the Functions host in it',
    },
    { command: commandLine(['docker', 'push', shortReference(variant)]) },
  ];
  return {
    steps: [
      ...pushed,
      { command: commandLine(['az', 'group', 'create', '--name', 'GROUP', '--location', 'REGION']), comment: 'once' },
      { command: commandLine(['az', 'storage', 'account', 'create', '--name', 'STORAGE', ...group]), comment: 'once' },
      {
        command: commandLine(
          ['az', 'functionapp', 'plan', 'create', '--name', 'PLAN', ...group],
          ['--sku', sku.name, '--is-linux'],
        ),
        comment: 'once',
      },
      {
        command: commandLine(
          ['az', 'functionapp', 'create', '--name', app, ...group, '--plan', 'PLAN', '--storage-account', 'STORAGE'],
          ['--functions-version', '4', '--os-type', 'Linux', '--image', formatReference(variant)],
        ),
      },
      {
        command: commandLine(
          ['az', 'functionapp', 'config', 'appsettings', 'set', '--name', app, ...group],
          ['--settings', 'FUNCTIONS_WORKER_RUNTIME=custom'],
        ),
      },
    ],
    update: [
      ...pushed,
      {
        command: commandLine(
          ['az', 'functionapp', 'config', 'container', 'set', '--name', app, ...group],
          ['--image', formatReference(variant)],
        ),
      },
    ],
    remove: [{ command: commandLine(['az', 'functionapp', 'delete', '--name', app, ...group]) }],
    exists: commandLine(['az', 'functionapp', 'show', '--name', app, ...group]),
    url: `echo https://${app}.azurewebsites.net/api`,
    call: { command: curlCommand(row, `https://${app}.azurewebsites.net/api${row.predict.path}`) },
    notes: [
      'examples/azure/README.md says which two lines of app/host.json are the model’s own',
      ...(row.memory > sku.memory ? [`the row asks for ${row.memory} MB, ${sku.name} has ${sku.memory} MB`] : []),
      ...noGpu(request, 'Azure Functions'),
    ],
  };
}

/** The variant's reference, for example `me/digits-azure` for `me/digits`. */
function variantOf(image: TargetReference): TargetReference {
  return { ...image, repository: `${image.repository}-azure` };
}

const largestPlan = { name: 'EP3', memory: 14_336 };

/** Memory in MB (learn.microsoft.com: functions-premium-plan, available instance SKUs). */
const plans = [{ name: 'EP1', memory: 3584 }, { name: 'EP2', memory: 7168 }, largestPlan];
