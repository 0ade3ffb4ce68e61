import { messageOf } from '../../core/errors.ts';
import type { Environment } from '../../core/settings.ts';
import type { BegunCall, CallSpan, Traces } from '../call/traces.ts';
import type { SpanMaker, TracesOptions } from './span-maker.ts';
import { readTraceSettings } from './settings.ts';

/** Off until the environment names a collector. OpenTelemetry's SDK is loaded only then. */
export async function createTraces(environment: Environment, options: TracesOptions): Promise<Traces> {
  let spans: SpanMaker | undefined;
  const configure = async (variables: Environment): Promise<void> => {
    const settings = readTraceSettings(variables);
    if (settings.kind === 'off') {
      if (settings.problem !== undefined) console.error(`modelwhisk: no spans are sent: ${settings.problem}`);
      return;
    }
    if (spans !== undefined) return;
    try {
      // The SDK reads its variables from here.
      for (const [name, value] of Object.entries(variables)) {
        if (name.startsWith('OTEL_') && value !== undefined) process.env[name] = value;
      }
      const { createSpanMaker } = await import('./span-maker.ts');
      spans = createSpanMaker(settings.endpoint, options);
    } catch (error) {
      console.error(`modelwhisk: no spans are sent: ${messageOf(error)}`);
    }
  };
  await configure(environment);
  return {
    configure,
    begin: (call: BegunCall): CallSpan | undefined => spans?.begin(call),
    flush: async (milliseconds) => spans?.flush(milliseconds),
    close: async (milliseconds) => spans?.close(milliseconds),
  };
}
