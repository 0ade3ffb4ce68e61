import { setTimeout as sleep } from 'node:timers/promises';
import type { CallSignal, ModelResponse } from '../../http/message.ts';
import { unlessAborted } from '../abort.ts';

/**
 * Drops the reply of a server that is busy, and pauses before the call is sent again: 10 ms, then twice as long each
 * time, up to half a second. Rejects with MODEL_TIMEOUT once the caller no longer waits.
 *
 * @param refusals of this call before
 */
export async function pauseWhileBusy({ body }: ModelResponse, refusals: number, signal: CallSignal): Promise<void> {
  if (!Buffer.isBuffer(body)) body.stream.resume();
  const pause = Math.min(10 * 2 ** refusals, 500);
  await unlessAborted(signal, 'the model server was busy with other calls until the time was up', sleep(pause));
}
