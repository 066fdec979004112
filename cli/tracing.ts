/** Traces of this process, sent to the receiver that OpenTelemetry's variables name. Loaded only where one is named. */
import { setTimeout as pause } from 'node:timers/promises';
import { isTraced } from '../strategy/tracing.js';
import type { Terminal } from './terminal.js';
import { version } from './version.js';

export interface Tracing {
  /** Sends what is left. Never fails, and never takes longer than a few seconds. */
  stop(): Promise<void>;
}

const NOTHING: Tracing = { stop: async () => undefined };

/** How long the end of the process waits for a receiver that does not answer, in milliseconds. */
const PATIENCE_MS = 3_000;

/** Client and worker find the provider through OpenTelemetry's API, as any library does. */
export async function startTracing({ env, note }: Pick<Terminal, 'env' | 'note'>): Promise<Tracing> {
  if (!isTraced(env)) return NOTHING;
  const [{ diag, DiagLogLevel }, { OTLPTraceExporter }, { resourceFromAttributes }, sdk] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace-node'),
  ]);
  let told = false;
  const complain = (message: string): void => {
    if (!told) note(`sluice: traces are not delivered: ${message}`);
    told = true;
  };
  const silent = (): void => undefined;
  diag.setLogger(
    { error: complain, warn: silent, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
  );
  const provider = new sdk.NodeTracerProvider({
    resource: resourceFromAttributes({
      'service.name': env.OTEL_SERVICE_NAME || 'sluice',
      'service.version': version(),
    }),
    spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  return {
    async stop() {
      const sent = provider.shutdown().catch((error: unknown) => complain(String(error)));
      await Promise.race([sent, pause(PATIENCE_MS, undefined, { ref: false })]);
    },
  };
}
