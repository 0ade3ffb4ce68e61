import { expressModel } from './platform-models.ts';
import { testPushes } from './push-suite.ts';
import { onePerPlatform, urlSuites } from './platform-suites.ts';

testPushes(
  urlSuites.filter((suite) => onePerPlatform.includes(suite)),
  [expressModel],
);
