import { expect, test } from 'vitest';
import { createAction } from '../../../gateway/action.ts';
import { startInstance } from '../../../gateway/invoker/start-instance.ts';
import { processEnvironment } from '../../../gateway/invoker/process-environment.ts';
import { eventually } from '../../support/eventually.ts';

const developer = {
  PATH: '/bin',
  AWS_SECRET_ACCESS_KEY: 's',
  NPM_TOKEN: 't',
  NODE_AUTH_TOKEN: 'u',
  MODELWHISK_LOG: 'x',
  MODELWHISK_GATEWAY_KEY: 'v',
};

test('an action inherits the variables that a program needs, and no credentials', () => {
  expect(processEnvironment(developer)).toEqual({ PATH: '/bin', MODELWHISK_LOG: 'x' });
});

test('a process of an action sees no credentials of the gateway’s user', async () => {
  process.env['PROCESS_ENVIRONMENT_TEST_TOKEN'] = 'secret';
  const lines: string[] = [];
  const { source } = createAction({
    name: 'environment',
    source: {
      kind: 'process',
      command: process.execPath,
      arguments: ['-e', 'console.log(JSON.stringify(Object.keys(process.env))); setInterval(() => {}, 1000)'],
      environment: { GIVEN: 'yes' },
      directory: '.',
    },
  });
  const instance = await startInstance(
    createAction({ name: 'test', source }),
    { API_HOST: 'a' },
    ({ text }) => void lines.push(text),
  );
  try {
    const [line = ''] = await eventually(
      'the process has written',
      () => lines,
      ({ length }) => length > 0,
    );
    expect(line).toContain('"GIVEN"');
    expect(line).toContain('"API_HOST"');
    expect(line).toContain('"PATH"');
    expect(line).not.toContain('PROCESS_ENVIRONMENT_TEST_TOKEN');
  } finally {
    await instance.destroy();
    delete process.env['PROCESS_ENVIRONMENT_TEST_TOKEN'];
  }
});
