import { curlCommand } from './curl.ts';
import { type Deployment, type DeployRequest, fewerGpus, type Step } from './deployment.ts';
import { imageInArtifactRegistry } from './artifact-registry.ts';
import { dnsName } from './image-reference.ts';
import { commandLine } from '../core/shell.ts';

/**
 * A service of Google Cloud Run that anyone may call (docs.cloud.google.com/run/docs: deploying, configuring/
 * services/memory-limits, configuring/services/gpu, container-contract; gcloud run deploy). Requests may take 300 s,
 * the default.
 *
 * Cloud Run reads Artifact Registry, and public images of Docker Hub and GitHub's registry.
 */
export function deployToCloudRun(request: DeployRequest): Deployment {
  const { row, platform } = request;
  const name = dnsName(request, 49);
  const { reference, store, update } = imageInArtifactRegistry(request, readableHosts);
  const least = row.gpu === undefined ? leastSize : leastSizeWithGpu;
  const memory = Math.min(Math.max(row.memory, least.memory), maximumMemory);
  const cpus = Math.max(cpusFor(memory), least.cpus);
  const deploy: Step = {
    command: commandLine(
      ['gcloud', 'run', 'deploy', name, '--image', reference],
      ['--memory', `${memory}Mi`, '--cpu', String(cpus), ...(row.gpu === undefined ? [] : gpuFlags)],
      ['--allow-unauthenticated'],
      ['--region', 'REGION'],
    ),
    comment: 'prints the service URL',
  };
  return {
    steps: [...store, deploy],
    update: [...update, deploy],
    remove: [{ command: service('delete', name, '--quiet') }],
    exists: service('describe', name),
    url: service('describe', name, '--format', 'value(status.url)'),
    call: { command: curlCommand(row, `https://${name}-PROJECT_NUMBER.REGION.run.app${row.predict.path}`) },
    notes: [
      ...(row.memory > memory ? [`the row asks for ${row.memory} MB, Cloud Run has ${maximumMemory} MB at most`] : []),
      ...fewerGpus(request, 1, 'Cloud Run'),
      ...(platform === 'linux/amd64'
        ? []
        : [`Cloud Run runs images for linux/amd64 only, this one is for ${platform}`]),
    ],
  };
}

function service(...words: readonly string[]): string {
  return commandLine(['gcloud', 'run', 'services', ...words, '--region', 'REGION']);
}

const readableHosts = /^(?:docker\.io|ghcr\.io|(?:[a-z]+\.)?gcr\.io|[a-z0-9-]+\.pkg\.dev)$/;

/** In MiB. */
const maximumMemory = 32_768;

const leastSize = { memory: 512, cpus: 1 };
const leastSizeWithGpu = { memory: 16_384, cpus: 4 };

/** A GPU is billed while its instance runs. Without redundancy it is cheaper, and within the quota of a new project. */
const gpuFlags = ['--gpu', '1', '--gpu-type', 'nvidia-l4', '--no-gpu-zonal-redundancy', '--no-cpu-throttling'];

/** The fewest CPUs that Cloud Run allows for this memory. */
function cpusFor(memory: number): number {
  if (memory > 24_576) return 8;
  if (memory > 16_384) return 6;
  if (memory > 8192) return 4;
  return memory > 4096 ? 2 : 1;
}
