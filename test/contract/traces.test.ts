import { expressModel } from './platform-models.ts';
import { onePerPlatform } from './platform-suites.ts';
import { testTraces } from './trace-suite.ts';

testTraces(onePerPlatform, [expressModel]);
