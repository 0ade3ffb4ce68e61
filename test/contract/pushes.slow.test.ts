import { nodeModel } from './platform-models.ts';
import { testPushes } from './push-suite.ts';
import { urlSuites } from './platform-suites.ts';

testPushes(urlSuites, [nodeModel]);
