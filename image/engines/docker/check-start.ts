import { ModelwhiskError } from '../../../core/errors.ts';
import type { ModelRow } from '../../../core/row.ts';
import type { ContainerConfig } from '../../container-config.ts';
import { nodeCommand } from '../wrap-config.ts';
import type { Docker } from './command.ts';

export interface StartCheck {
  /** The wrapped image. */
  readonly image: string;
  readonly config: ContainerConfig;
  readonly row: ModelRow;
  readonly platform: string;
  readonly signal: AbortSignal;
}

/**
 * Starts a wrapped image once, with the memory that its row asks a platform for, and waits until its model server can
 * be called. The container is gone afterwards.
 *
 * @throws ModelwhiskError code `NOT_READY` with what it printed last, when it ends or is not ready within 6 minutes
 */
export async function checkStart(docker: Docker, { image, config, row, platform, signal }: StartCheck): Promise<void> {
  const memory = ['--memory', `${String(row.memory)}m`];
  const words = ['--detach', '--platform', platform, ...memory, '--env', 'MODELWHISK_PLATFORM=openwhisk', image];
  const container = (await docker(['run', ...words], { signal })).trim();
  try {
    const answer = await askInside(docker, container, config, signal);
    if (answer === ready) return;
    const lines = await lastLines(docker, container);
    throw new ModelwhiskError('NOT_READY', `${image} does not become ready: ${answer}`, {
      hint: [`nothing was pushed. ${lines.length === 0 ? 'It printed nothing' : 'It printed last:'}`, ...lines].join(
        '\n    ',
      ),
    });
  } finally {
    await docker(['rm', '--force', '--volumes', container]);
  }
}

const ready = 'ready';

/** In the container itself, since its ports may be out of reach from here: the engine may be on another machine. */
async function askInside(
  docker: Docker,
  container: string,
  config: ContainerConfig,
  signal: AbortSignal,
): Promise<string> {
  try {
    return (await docker(['exec', container, ...nodeCommand(config), '-e', question], { signal })).trim();
  } catch (error) {
    if (signal.aborted) throw error;
    const state = await docker(['inspect', '--format', '{{.State.ExitCode}} {{.State.OOMKilled}}', container]);
    const [code, outOfMemory] = state.trim().split(' ');
    const why = outOfMemory === 'true' ? ', as it needs more memory than its row asks for' : '';
    return `its container ended with exit code ${String(code)}${why}`;
  }
}

/** OpenWhisk's /init, which the adapter answers once the model server is ready or has failed. */
const question = `
const http = require('node:http');
const end = Date.now() + 360000;
(function ask() {
  const request = http.request({ host: '127.0.0.1', port: 8080, method: 'POST', path: '/init' }, (response) => {
    let text = '';
    response.on('data', (chunk) => (text += chunk));
    response.on('end', () => {
      const { error } = JSON.parse(text);
      console.log(response.statusCode === 200 ? '${ready}' : String(error).split('\\n')[0]);
    });
  });
  request.on('error', () => {
    if (Date.now() > end) console.log('it had 6 minutes');
    else setTimeout(ask, 100);
  });
  request.end('{"value":{}}');
})();
`;

async function lastLines(docker: Docker, container: string): Promise<readonly string[]> {
  const lines: string[] = [];
  await docker(['logs', '--tail', '20', container], { progress: (line) => lines.push(line) });
  return lines.filter((line) => !line.includes('XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX'));
}
