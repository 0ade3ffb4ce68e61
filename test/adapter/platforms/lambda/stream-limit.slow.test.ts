import { expect, test } from 'vitest';
import { expressStreams } from '../../../contract/stream-models.ts';
import { streamPlatforms } from '../../../contract/stream-platforms.ts';
import { eventually } from '../../../support/eventually.ts';

test('a streamed reply of more than 200 MB ends as broken at the limit, and the log says why', async () => {
  const platform = streamPlatforms.find(({ name }) => name.startsWith('Lambda'));
  const { row, environment } = await expressStreams.create();
  const client = await platform?.start(row, environment);
  const reply = await client?.open('/pour?megabytes=201');
  expect(await reply?.ended).toBe('broken');
  const told = 'more than 209715200 bytes, the limit of a streamed Lambda reply';
  // The line may come after the reply's end.
  await eventually(
    'the log says why',
    () => client?.adapter.output().stderr ?? '',
    (text) => text.includes(told),
  );
  await client?.close();
});
