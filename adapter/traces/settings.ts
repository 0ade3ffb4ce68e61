import type { Environment } from '../../core/settings.ts';

/** Whether spans are sent, according to the environment, and if not although a collector is named, why. */
export type TraceSettings =
  { readonly kind: 'on'; readonly endpoint: string } | { readonly kind: 'off'; readonly problem?: string };

/**
 * Reads OpenTelemetry's standard variables. The model server may read them as well, so a value that the adapter cannot
 * use must not stop the start. An empty value counts as missing.
 *
 * Source: OpenTelemetry specification, "Environment Variable Specification" and "OpenTelemetry Protocol Exporter".
 */
export function readTraceSettings(environment: Environment): TraceSettings {
  const general = 'OTEL_EXPORTER_OTLP_ENDPOINT';
  const special = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
  const name = environment[special] ? special : general;
  const endpoint = environment[name];
  const exporters = environment['OTEL_TRACES_EXPORTER'] || 'otlp';
  const isDisabled = environment['OTEL_SDK_DISABLED']?.toLowerCase() === 'true';
  if (!endpoint || isDisabled || !exporters.split(',').some((each) => each.trim() === 'otlp')) return { kind: 'off' };
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return { kind: 'off', problem: `${name} is ${JSON.stringify(endpoint)}; expected an http:// or https:// URL` };
  }
  const protocol =
    environment['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] || environment['OTEL_EXPORTER_OTLP_PROTOCOL'] || 'http/json';
  if (!protocol.startsWith('http/')) {
    return { kind: 'off', problem: `OTEL_EXPORTER_OTLP_PROTOCOL is ${JSON.stringify(protocol)}; expected http/json` };
  }
  return { kind: 'on', endpoint: `${url.protocol}//${url.host}` };
}
