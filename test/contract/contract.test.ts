import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe } from 'vitest';
import { createExpressModelServer } from '../../adapter/model/express.ts';
import { httpSubject } from './http-subject.ts';
import { testModelServerContract } from './suite.ts';
import { isInstalled } from './installed.ts';

const servers = join(import.meta.dirname, 'servers');

testModelServerContract('Express in this process', {
  ownProcess: false,
  create: () => createExpressModelServer({ module: join(servers, 'express-echo.ts'), export: 'app' }),
});

testModelServerContract(
  'Express as a child process',
  httpSubject([process.execPath, '--import', 'tsx', join(servers, 'express-main.ts')]),
);

describe.runIf(isInstalled('python3'))('python3', () => {
  testModelServerContract("Python's http.server (HTTP/1.0)", httpSubject(['python3', join(servers, 'python-echo.py')]));
});

describe.runIf(isInstalled('go'))('go', () => {
  const binary = join(import.meta.dirname, '../../.cache/contract/go-echo');
  beforeAll(() => {
    execFileSync('go', ['build', '-o', binary, '.'], { cwd: join(servers, 'go-echo') });
  });
  testModelServerContract("Go's net/http", httpSubject([binary]));
});
