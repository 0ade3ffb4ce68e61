/**
 * What the adapter uses of OpenTelemetry's packages. The bundler makes one file of this module and the parts of the
 * packages that it needs, a quarter of their size (image/layers/bundle.ts).
 */
export { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
export { W3CTraceContextPropagator } from '@opentelemetry/core';
export { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
export { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
export { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
export type { Span } from '@opentelemetry/api';
export type { IdGenerator, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace-base';
