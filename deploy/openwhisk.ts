import { shortReference } from '../image/registry/reference.ts';
import { actionUrl, curlCommand } from './curl.ts';
import type { Deployment, DeployRequest } from './deployment.ts';
import { commandLine } from '../core/shell.ts';

/**
 * A web action of Apache OpenWhisk (openwhisk: docs/actions-docker.md, docs/webactions.md). Its URL without a path is
 * the predict route.
 */
export function deployToOpenWhisk({ row, image }: DeployRequest): Deployment {
  const create = [
    'action',
    'create',
    row.name,
    '--docker',
    shortReference(image),
    '--web',
    'true',
    '-m',
    String(row.memory),
  ];
  return {
    steps: [{ command: commandLine(['wsk', ...create]), alternative: commandLine(['ibmcloud', 'wsk', ...create]) }],
    call: {
      command: curlCommand(row, actionUrl(row, 'https://APIHOST', 'NAMESPACE')),
      comment: `wsk action get ${row.name} --url tells the URL`,
    },
    notes:
      row.memory > stockMemoryLimit
        ? [`OpenWhisk allows ${stockMemoryLimit} MB unless its operator raised the limit (CONFIG_whisk_memory_max)`]
        : [],
  };
}

/** common/scala/src/main/resources/application.conf: whisk.memory.max */
const stockMemoryLimit = 512;
