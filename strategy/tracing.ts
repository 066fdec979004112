/** True where OpenTelemetry's standard variables (https://opentelemetry.io/docs/specs/otel/protocol/exporter/) name a receiver of traces. */
export function isTraced(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env.OTEL_SDK_DISABLED === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return false;
  return Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
}
