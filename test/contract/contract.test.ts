import { join } from 'node:path';
import { createExpressModelServer } from '../../adapter/model/express.ts';
import { httpSubject } from './http-subject.ts';
import { testModelServerContract } from './suite.ts';

const servers = join(import.meta.dirname, 'servers');

testModelServerContract('Express in this process', {
  ownProcess: false,
  create: () => createExpressModelServer({ module: join(servers, 'express-echo.ts'), export: 'app' }),
});

testModelServerContract("Node's http server", httpSubject([process.execPath, join(servers, 'node-echo.mjs')]));
