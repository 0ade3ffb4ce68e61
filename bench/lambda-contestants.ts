import { freePort } from '../test/support/free-port.ts';
import type { Peers } from './peers.ts';
import { adapterProgram, expressServer, nodeProgram, type Program, type Programs, spawnProgram } from './programs.ts';

export type LambdaContestant = 'modelwhisk' | 'aws-lambda-web-adapter';

/** One event at a time, eight events at a time, or one event with a streamed reply. */
export type Mode = 'one' | 'eight' | 'stream';

/** Starts a contestant that answers the events of this Runtime API. */
export async function startOnLambda(
  name: LambdaContestant,
  mode: Mode,
  api: string,
  programs: Programs,
  peers: Peers,
): Promise<{ readonly pids: readonly number[]; readonly stop: () => Promise<void> }> {
  const port = String(await freePort());
  const environment = { ...lambdaEnvironment, AWS_LAMBDA_RUNTIME_API: api, PORT: port, ...concurrency[mode] };
  const children = await Promise.all(
    programsOf(name, mode, programs, peers).map(async (program) => spawnProgram(program, environment)),
  );
  return {
    pids: children.map(({ child }) => child.pid ?? 0),
    stop: async () => {
      await Promise.all(children.map(async ({ stop }) => stop()));
    },
  };
}

function programsOf(name: LambdaContestant, mode: Mode, programs: Programs, peers: Peers): readonly Program[] {
  switch (name) {
    case 'modelwhisk': {
      const { argv, environment } = adapterProgram(programs, expressServer(programs));
      const streams = mode === 'stream' ? { MODELWHISK_LAMBDA_RESPONSE_STREAM: 'true' } : {};
      return [{ argv, environment: { ...environment, ...streams, MODELWHISK_PLATFORM: 'lambda' } }];
    }
    case 'aws-lambda-web-adapter': {
      const invokeMode = mode === 'stream' ? 'response_stream' : 'buffered';
      const app = nodeProgram(programs.path('direct'));
      const environment = { AWS_LWA_INVOKE_MODE: invokeMode, AWS_LWA_READINESS_CHECK_PATH: '/latin1' };
      return [app, { argv: [peers.webAdapter ?? ''], environment }];
    }
  }
}

/** The variables that Lambda sets. */
const lambdaEnvironment = {
  AWS_LAMBDA_FUNCTION_NAME: 'bench',
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/bench',
  AWS_LAMBDA_LOG_STREAM_NAME: 'bench',
  AWS_REGION: 'us-east-1',
};

const concurrency: Readonly<Record<Mode, Readonly<Record<string, string>>>> = {
  one: {},
  eight: { AWS_LAMBDA_MAX_CONCURRENCY: '8' },
  stream: {},
};
