import { expressStreams } from './stream-models.ts';
import { streamPlatforms } from './stream-platforms.ts';
import { testStreams } from './stream-suite.ts';

testStreams(streamPlatforms, [expressStreams]);
