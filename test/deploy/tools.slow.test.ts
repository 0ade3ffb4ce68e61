import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCli } from '../support/build-cli.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { pythonWith } from '../support/python-environment.ts';
import { lacks } from '../support/requirements.ts';

describe.skipIf(lacks('python3', 'go'))('what the deployment tools say', () => {
  let python: string;
  let folder: string;

  beforeAll(async () => {
    python = pythonWith(join(import.meta.dirname, 'requirements.txt'));
    folder = await mkdtemp(join(tmpdir(), 'deploy-tools-'));
  });

  afterAll(async () => rm(folder, { recursive: true }));

  async function write(...words: readonly string[]): Promise<void> {
    const { exitCode, stderr } = await buildCli(['deploy', 'digits', '--username', 'me', '--write', folder, ...words], {
      HOME: folder,
      PATH: process.env['PATH'],
    });
    expect([exitCode, stderr]).toEqual([0, '']);
  }

  test('cfn-lint finds nothing in the SAM template', async () => {
    await write('--for', 'lambda', '--set', 'region=eu-west-1', '--set', 'account=123456789012');
    const { stdout } = await execa(join(dirname(python), 'cfn-lint'), [join(folder, 'template.yaml')], { all: true });
    expect(stdout).toBe('');
  });

  test('the Knative service fits the schema of its CRD', async () => {
    await write('--for', 'knative');
    const module = await execa('go', ['mod', 'download', '-json', 'knative.dev/serving@v0.51.0'], { cwd: folder });
    const { Dir: source } = JSON.parse(module.stdout) as { Dir: string };
    const crd = join(source, 'config/core/300-resources/service.yaml');
    const words = [join(import.meta.dirname, 'knative-schema.py'), crd, join(folder, 'service.yaml')];
    expect(await execa(python, words, { reject: false })).toMatchObject({ exitCode: 0, stderr: '' });
  });

  describe('the AWS CLI, against moto', () => {
    let server: ChildProcess;
    let environment: Record<string, string | undefined>;

    beforeAll(async () => {
      const port = await freePort();
      server = spawn(join(dirname(python), 'moto_server'), ['-H', '127.0.0.1', '-p', String(port)], {
        stdio: 'ignore',
      });
      const url = `http://127.0.0.1:${port}`;
      environment = {
        PATH: `${dirname(python)}:${process.env['PATH']}`,
        HOME: folder,
        AWS_ENDPOINT_URL: url,
        AWS_ACCESS_KEY_ID: 'a',
        AWS_SECRET_ACCESS_KEY: 'b',
        AWS_DEFAULT_REGION: 'eu-west-1',
      };
      await eventually('moto answers', async () => (await fetch(url)).status, undefined, 60);
      const trust = '{"Version":"2012-10-17","Statement":[]}';
      const words = ['iam', 'create-role', '--role-name', 'lambda', '--assume-role-policy-document', trust];
      await execa('aws', words, { env: environment, extendEnv: false });
    });

    afterAll(async () => {
      const ended = once(server, 'exit');
      server.kill();
      await ended;
    });

    test('creates, updates and removes a function with the commands of --for', { timeout: 300_000 }, async () => {
      // An image that is in ECR: moto keeps no images, so that none can be copied there.
      const image = ['--username', 'me', '--registry', '123456789012.dkr.ecr.eu-west-1.amazonaws.com'];
      const values = ['--set', 'role=lambda'];
      const run = async (command: string, ...more: readonly string[]): Promise<string> => {
        const words = [command, 'digits', ...image, '--for', 'lambda', ...values, ...more];
        const { exitCode, stdout, stderr } = await buildCli(words, environment);
        expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
        return stdout;
      };
      expect(JSON.parse(await run('deploy', '--json'))).toMatchObject({
        status: 'created',
        url: expect.stringMatching(/^https:\/\/\w+\.lambda-url\.eu-west-1\.on\.aws$/),
      });
      expect(JSON.parse(await run('deploy', '--json'))).toMatchObject({ status: 'updated' });
      expect(await run('remove')).toBe('removed digits from lambda\n');
    });
  });
});
