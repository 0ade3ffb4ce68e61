// npm run test:sagemaker
// Deploys the adapter with AWS's own SDK to SageMaker's local mode: the SDK starts the container by docker-compose as
// SageMaker does (the argument serve, port 8080, the model in /opt/ml/model), asks /ping and calls /invocations. It needs
// Linux, Docker, docker-compose (Debian package), Python 3.11 and PyPI, and installs 500 MB into .cache.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { execa } from 'execa';
import { kinds, type Kind, workerRow } from '../robustness/support/rows.ts';
import { makeAdapterImage } from '../robustness/support/node-image.ts';
import { docker } from '../support/docker.ts';
import { pythonWith } from '../support/python-environment.ts';

const image = `modelwhisk-sagemaker-local:${process.pid}`;

/** Calls as InvokeEndpoint takes them, and the reply that each must get from test/robustness/servers/worker.mjs. */
const calls = [
  {
    Body: '{"text":"hello"}',
    ContentType: 'application/json',
    expected: '{"bytes":16,"digest":"7cc45f04c3e6f5881fc323a2d8deab132c384922"}',
  },
  { Body: '', CustomAttributes: 'modelwhisk-path=/slow,modelwhisk-method=GET', expected: 'late' },
  { Body: '', CustomAttributes: 'modelwhisk-path=/busy,modelwhisk-method=GET', expected: '{"message":"busy"}' },
];

const python = pythonWith(join(import.meta.dirname, 'requirements.txt'));
const folder = await mkdtemp(join(tmpdir(), 'modelwhisk-sagemaker-'));
await makeAdapterImage(image);
try {
  for (const kind of kinds) {
    const replies = await deploy(kind);
    const isRight = isDeepStrictEqual(
      replies,
      calls.map(({ expected }) => expected),
    );
    console.log(`${kind}: ${isRight ? 'all right' : `wrong: ${JSON.stringify(replies)}`}`);
    if (!isRight) process.exitCode = 1;
  }
} finally {
  const left = (await docker('ps', '--all', '--quiet', '--filter', `ancestor=${image}`)).split('\n').filter(Boolean);
  if (left.length > 0) await docker('rm', '--force', '--volumes', ...left);
  await docker('image', 'rm', '--force', image);
  await docker('network', 'rm', 'sagemaker-local').catch(() => undefined);
  await rm(folder, { recursive: true, force: true });
}

async function deploy(kind: Kind): Promise<unknown> {
  const input = JSON.stringify({
    environment: { MODELWHISK_MODEL: JSON.stringify(workerRow(kind)) },
    calls: calls.map(({ expected: _expected, ...call }) => call),
  });
  const { stdout } = await execa(python, [join(import.meta.dirname, 'call.py'), image, folder], { input });
  return JSON.parse(/^REPLIES (.*)$/m.exec(stdout)?.[1] ?? 'null') as unknown;
}
