import { shortReference } from '../core/reference.ts';
import { actionUrl, curlCommand } from './curl.ts';
import { type Deployment, type DeployRequest, noGpu, type Step } from './deployment.ts';
import { commandLine } from '../core/shell.ts';

/**
 * A web action of Apache OpenWhisk (docs/protocols/openwhisk.md). Its URL without a path is the predict route.
 */
export function deployToOpenWhisk(request: DeployRequest): Deployment {
  const { row, image } = request;
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
    notes: [
      ...(row.memory > stockMemoryLimit
        ? [`OpenWhisk allows ${stockMemoryLimit} MB unless its operator raised the limit (CONFIG_whisk_memory_max)`]
        : []),
      ...(row.batch === undefined ? [] : [`calls share a batch once a container takes several: ${concurrency}`]),
      ...noGpu(request, 'OpenWhisk'),
    ],
  };
}

/** In milliseconds. OpenWhisk's maximum (whisk.time-limit.max), because models take long to start. */
const timeLimit = '300000';

/** common/scala/src/main/resources/application.conf: whisk.memory.max */
const stockMemoryLimit = 512;

/** With logs, an invoker destroys containers whose calls succeeded: docs/openwhisk.md. */
const concurrency = 'add -c 32 -l 0, where the operator allows that (CONFIG_whisk_concurrencyLimit_max)';

function step(...words: readonly string[]): Step {
  return {
    command: commandLine(['wsk', 'action', ...words]),
    alternative: commandLine(['ibmcloud', 'wsk', 'action', ...words]),
  };
}
