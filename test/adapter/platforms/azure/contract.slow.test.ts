import { describe } from 'vitest';
import { nodeModel, pythonModel } from '../../../contract/platform-models.ts';
import { testPlatforms } from '../../../contract/platform-suite.ts';
import { lacks } from '../../../support/requirements.ts';
import { suites } from './contract.ts';

testPlatforms(suites, [nodeModel]);

describe.skipIf(lacks('python3'))('with Python', () => {
  testPlatforms(suites, [pythonModel]);
});
