import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { BegunCall, CallSpan, EndedCall } from '../call/traces.ts';
import type { Header } from '../http/message.ts';
import { Outbox } from './outbox.ts';
import { endAttributes, requestAttributes, spanName } from './attributes.ts';
import {
  BasicTracerProvider,
  defaultResource,
  detectResources,
  envDetector,
  type IdGenerator,
  resourceFromAttributes,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  W3CTraceContextPropagator,
} from './opentelemetry.ts';

export interface TracesOptions {
  /** The service's name if the environment has none. */
  readonly service: string;
  /** The adapter's version. */
  readonly version: string;
  /** Paths of the model server that are known, for `http.route`. */
  readonly routes: readonly string[];
  /** Whether the platform may freeze the container between calls. Spans are then sent right after each call. */
  readonly freezes: boolean;
}

/** Makes spans with OpenTelemetry's SDK, and sends them. */
export interface SpanMaker {
  begin(call: BegunCall): CallSpan;
  flush(milliseconds: number): Promise<void>;
  close(milliseconds: number): Promise<void>;
}

/**
 * The SDK and its exporter read OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER, OTEL_BSP_…,
 * OTEL_SPAN_… and OTEL_EXPORTER_OTLP_… from process.env. Nothing is registered globally, where an Express app in this
 * process has its own OpenTelemetry.
 *
 * @param endpoint of the collector, for messages
 */
export function createSpanMaker(endpoint: string, { service, version, routes, freezes }: TracesOptions): SpanMaker {
  const outbox = new Outbox(endpoint, freezes);
  const resource = resourceFromAttributes({
    'service.name': service,
    'telemetry.distro.name': 'modelwhisk',
    'telemetry.distro.version': version,
  });
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resource)
      .merge(detectResources({ detectors: [envDetector] })),
    idGenerator: randomIds,
    spanProcessors: [outbox.processor],
  });
  const tracer = provider.getTracer('modelwhisk', version);
  const propagator = new W3CTraceContextPropagator();
  let isColdStart = true;
  return {
    begin({ request, id, received }) {
      // performance.timeOrigin is wrong in a process that was restored from a snapshot.
      const startTime = Date.now() - (performance.now() - received);
      const headers = request?.headers ?? [];
      const parent = propagator.extract(ROOT_CONTEXT, headers, getter);
      const attributes = {
        ...requestAttributes(request, routes),
        'faas.coldstart': isColdStart,
        ...(id !== undefined && { 'faas.invocation_id': id }),
      };
      isColdStart = false;
      const span = tracer.startSpan(
        spanName(request, routes),
        { kind: SpanKind.SERVER, startTime, attributes },
        parent,
      );
      return {
        traceId: span.spanContext().traceId,
        headers: withContext(headers, propagator, span),
        end: (call) => endSpan(span, startTime, call),
      };
    },
    flush: async (milliseconds) => outbox.flush(milliseconds),
    close: async (milliseconds) => outbox.close(milliseconds),
  };
}

function endSpan(span: Span, startTime: number, call: EndedCall): void {
  span.setAttributes(endAttributes(call));
  if (call.status >= 500 || call.code !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(startTime + call.milliseconds);
}

/** The SDK's own uses Math.random, which repeats itself in processes that were restored from one snapshot. */
const randomIds: IdGenerator = {
  generateTraceId: () => randomBytes(16).toString('hex'),
  generateSpanId: () => randomBytes(8).toString('hex'),
};

const getter = {
  keys: (headers: readonly Header[]) => headers.map(([name]) => name),
  get: (headers: readonly Header[], wanted: string) => {
    const values = headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
    return values.length > 1 ? values : values[0];
  },
};

/** The headers with the span's trace context in the place of the caller's. */
function withContext(headers: readonly Header[], propagator: W3CTraceContextPropagator, span: Span): readonly Header[] {
  const own: Header[] = [];
  propagator.inject(trace.setSpan(ROOT_CONTEXT, span), own, {
    set: (lines, name, value) => void lines.push([name, value]),
  });
  return [...headers.filter(([name]) => !/^trace(parent|state)$/i.test(name)), ...own];
}
