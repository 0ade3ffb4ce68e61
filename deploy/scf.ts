import { curlCommand } from './curl.ts';
import type { Deployment, DeployRequest, Step } from './deployment.ts';
import { copyStep, dnsName, nameAndTag } from './image-reference.ts';
import { formatReference } from '../core/reference.ts';
import { commandLine } from '../core/shell.ts';

/**
 * A web function of Tencent Cloud SCF with a function URL that anyone may call (TCCLI; cloud.tencent.com/document/
 * product/583: 18586 CreateFunction, 18589 CreateTrigger, 100227 function URLs, 56126 image functions, 11637 limits).
 *
 * SCF reads images only from Tencent's registry: the personal one or an enterprise instance. Memory is a multiple of
 * 128 MB.
 */
export function deployToScf(request: DeployRequest): Deployment {
  const { row, image, digest, platform } = request;
  const host = image.registry;
  const stored = isTencent(host);
  const copy = `ccr.ccs.tencentyun.com/NAMESPACE/${nameAndTag(request)}`;
  const [uri = ''] = (stored ? formatReference(image) : copy).split('@');
  const name = dnsName(request, 60);
  const memory = Math.min(Math.ceil(row.memory / 128) * 128, maximumMemory);
  const scf = (action: string, ...groups: readonly string[][]): string =>
    commandLine(['tccli', 'scf', action, '--FunctionName', name], ...groups, ['--region', 'REGION']);
  const code = [...registryKind(host), '--Code.ImageConfig.ImageUri', `${uri}@${digest ?? 'DIGEST'}`];
  return {
    steps: [
      ...(stored ? [] : [storeInTencent(request, copy)]),
      {
        command: scf('CreateFunction', ['--cli-unfold-argument', '--Type', 'HTTP'], code, [
          '--MemorySize',
          String(memory),
          '--Timeout',
          '300',
          '--InitTimeout',
          '300',
          // Any caller may use its URL, so requests to the path of events are not events.
          '--Environment.Variables.0.Key',
          'MODELWHISK_SCF_FUNCTION',
          '--Environment.Variables.0.Value',
          'web',
        ]),
      },
      { command: scf('CreateTrigger', ['--TriggerName', 'url', '--Type', 'http', '--TriggerDesc', publicUrl]) },
    ],
    update: [
      ...(stored ? [] : [storeInTencent(request, copy)]),
      { command: scf('UpdateFunctionCode', ['--cli-unfold-argument'], code) },
    ],
    remove: [{ command: scf('DeleteFunction') }],
    exists: scf('GetFunction'),
    url: undefined,
    call: {
      command: curlCommand(row, `https://APPID-ID.REGION.tencentscf.com${row.predict.path}`),
      comment: `${scf('ListTriggers')} tells the URL`,
    },
    notes: [
      ...(row.memory > memory ? [`the row asks for ${row.memory} MB, SCF has ${maximumMemory} MB at most`] : []),
      ...(platform === 'linux/amd64' ? [] : [`SCF runs images for linux/amd64 only, this one is for ${platform}`]),
      'SCF takes images of up to 1 GiB, compressed',
      // CreateFunction of API version 2018-04-16 has no member for a GPU.
      ...(row.gpu === undefined
        ? []
        : ['the row asks for a GPU, which is chosen in the console of SCF: its API names none']),
    ],
  };
}

/** In MB. */
const maximumMemory = 3072;

const publicUrl = JSON.stringify({ AuthType: 'NONE', NetConfig: { EnableIntranet: false, EnableExtranet: true } });

function isTencent(host: string): boolean {
  return host.endsWith('.tencentcloudcr.com') || host.endsWith('ccs.tencentyun.com');
}

function registryKind(host: string): string[] {
  const kind = '--Code.ImageConfig.ImageType';
  return host.endsWith('.tencentcloudcr.com')
    ? [kind, 'enterprise', '--Code.ImageConfig.RegistryId', 'REGISTRY_ID']
    : [kind, 'personal'];
}

function storeInTencent(request: DeployRequest, target: string): Step {
  const step = copyStep(request, target);
  return { ...step, comment: 'docker login ccr.ccs.tencentyun.com --username ACCOUNT comes before' };
}
