import { expressModel } from '../../../contract/platform-models.ts';
import { testPlatforms } from '../../../contract/platform-suite.ts';
import { suites } from './contract.ts';

testPlatforms(suites, [expressModel]);
