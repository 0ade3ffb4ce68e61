import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe } from 'vitest';
import { lacks } from '../support/requirements.ts';
import { httpSubject } from './http-subject.ts';
import { testModelServerContract } from './suite.ts';

const servers = join(import.meta.dirname, 'servers');

describe.skipIf(lacks('python3'))('python3', () => {
  testModelServerContract("Python's http.server (HTTP/1.0)", httpSubject(['python3', join(servers, 'python-echo.py')]));
});

describe.skipIf(lacks('go'))('go', () => {
  const binary = join(import.meta.dirname, '../../.cache/contract/go-echo');
  beforeAll(() => {
    execFileSync('go', ['build', '-o', binary, '.'], { cwd: join(servers, 'go-echo') });
  });
  testModelServerContract("Go's net/http", httpSubject([binary]));
});
