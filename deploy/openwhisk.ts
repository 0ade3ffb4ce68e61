import { shortReference } from '../core/reference.ts';
import { actionUrl, curlCommand } from './curl.ts';
import type { Deployment, DeployRequest, Step } from './deployment.ts';
import { commandLine } from '../core/shell.ts';

/**
 * A web action of Apache OpenWhisk (docs/protocols/openwhisk.md). Its URL without a path is
 * the predict route.
 */
export function deployToOpenWhisk({ row, image }: DeployRequest): Deployment {
  const options = ['--docker', shortReference(image), '--web', 'true', '-m', String(row.memory), '-t', timeLimit];
  return {
    steps: [step('create', row.name, ...options)],
    update: [step('update', row.name, ...options)],
    remove: [step('delete', row.name)],
    exists: commandLine(['wsk', 'action', 'get', row.name, '--summary']),
    url: undefined,
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

/** In milliseconds, the most that OpenWhisk allows (whisk.time-limit.max): models take long to start. */
const timeLimit = '300000';

/** common/scala/src/main/resources/application.conf: whisk.memory.max */
const stockMemoryLimit = 512;

function step(...words: readonly string[]): Step {
  return {
    command: commandLine(['wsk', 'action', ...words]),
    alternative: commandLine(['ibmcloud', 'wsk', 'action', ...words]),
  };
}
