import { nodeModel } from './platform-models.ts';
import { allSuites } from './platform-suites.ts';
import { testTraces } from './trace-suite.ts';

testTraces(allSuites, [nodeModel]);
