import { messageOf } from '../../../core/errors.ts';
import type { PlatformContext, RunningPlatform } from '../platform.ts';
import type { EventWork } from '../_event/call.ts';
import type { HttpEvent } from './http-event.ts';
import { contextHeaders } from './context-headers.ts';
import { answer, type Answer } from './run.ts';
import { registerExtension } from './extension.ts';
import { RuntimeApi } from './runtime-api.ts';
import { RuntimeApiError } from './runtime-connection.ts';
import { maximumReply } from './response.ts';
import { restoreFromSnapshot } from './snap-start.ts';
import { streamHttp } from './stream.ts';
import { readLambdaSettings, type LambdaSettings } from './settings.ts';

/**
 * A custom runtime for Lambda: asks the Runtime API for events and answers them one at a time, or on Managed Instances
 * up to `AWS_LAMBDA_MAX_CONCURRENCY` at a time.
 *
 * Rejects if the model server did not start. reportFailedStart then reports it to Lambda, and the process must exit.
 */
export async function startLambda(context: PlatformContext): Promise<RunningPlatform> {
  const settings = readLambdaSettings(context.environment);
  if (context.startFailure !== undefined) throw context.startFailure;
  const stopping = new AbortController();
  const api = new RuntimeApi(settings.runtimeApi, stopping.signal);
  await registerExtension(settings.runtimeApi, stopping.signal);
  if (settings.isSnapStart) await restoreFromSnapshot(api, context, settings);
  const loops = Array.from({ length: settings.maxConcurrency }, () => serve(api, context, settings));
  const finish = async (): Promise<void> => {
    stopping.abort();
    await Promise.allSettled(loops);
  };
  // If the Runtime API fails, the process exits once the running calls are answered, and Lambda starts a new one.
  Promise.all(loops).catch(async (error: unknown) => {
    console.error(`modelwhisk: ${messageOf(error)}`);
    await finish();
    process.exit(1);
  });
  return {
    close: async () => {
      await finish();
      api.close();
    },
  };
}

async function serve(api: RuntimeApi, context: PlatformContext, settings: LambdaSettings): Promise<void> {
  for (;;) {
    const invocation = await api.next();
    if (invocation === undefined) return;
    // Lambda's own runtimes do this as well. With concurrent events, one variable cannot hold all traces.
    if (settings.maxConcurrency === 1) setTrace(invocation.traceId);
    const { id, traceId, deadline: end, event } = invocation;
    const { fetchPolicy } = context;
    const headers = contextHeaders(invocation, settings.contextHeaders);
    const work: EventWork = { context, id, traceId, end, headers, fetchPolicy, maximumReply };
    await send(api, id, await answer(event, work, settings), (http) => streamHttp(api, id, http, work, settings));
    // Lambda freezes the process when it asks for the next event. The caller has the reply already.
    await context.traces?.flush(timeForSpans);
  }
}

/** Milliseconds between a reply and the next event, at most, in which spans are sent. */
const timeForSpans = 200;

function setTrace(traceId: string | undefined): void {
  if (traceId === undefined) delete process.env['_X_AMZN_TRACE_ID'];
  else process.env['_X_AMZN_TRACE_ID'] = traceId;
}

async function send(
  api: RuntimeApi,
  id: string,
  given: Answer,
  stream: (event: HttpEvent) => Promise<void>,
): Promise<void> {
  try {
    switch (given.kind) {
      case 'reply':
        return await api.respond(id, given.body);
      case 'stream':
        return await stream(given.event);
      case 'failure':
        return await api.fail(id, given.error);
    }
  } catch (error) {
    if (error instanceof RuntimeApiError && error.status >= 500) throw error;
    // Lambda has ended the invocation: it timed out, or the reply was too large (413). After a broken connection, the
    // request for the next event shows whether the Runtime API is still there.
    console.error(`modelwhisk: the answer to ${id} was not taken: ${messageOf(error)}`);
  }
}
