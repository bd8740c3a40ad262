import { createRequire } from 'node:module';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { ActivityInterceptorsFactory, WorkerOptions } from '@temporalio/worker';

/** What makes a process part of the traces; `stop` sends what is left. */
export interface Tracing {
  client: WorkflowClientInterceptor;
  activity: ActivityInterceptorsFactory;
  sinks: NonNullable<WorkerOptions['sinks']>;
  stop(): Promise<void>;
}

/** The module that traces inside the workflows' sandbox; it is part of their bundle. */
export const WORKFLOW_TRACING = createRequire(import.meta.url).resolve(
  '@temporalio/interceptors-opentelemetry/lib/workflow-interceptors',
);

/** Whether OpenTelemetry's standard environment names somewhere to send traces to. */
export function tracingWanted(env: NodeJS.ProcessEnv): boolean {
  const endpoint = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  return Boolean(endpoint) && env['OTEL_SDK_DISABLED'] !== 'true';
}

/**
 * Traces this process and sends them by OTLP over HTTP, as OpenTelemetry's standard environment says
 * (`OTEL_EXPORTER_OTLP_…`, `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_SAMPLER`); null when it names
 * no endpoint. Spans hold names and ids, never payloads. Call it once.
 */
export async function startTracing(service: string, env = process.env): Promise<Tracing | null> {
  if (!tracingWanted(env)) return null;
  // Loaded only where it is wanted.
  const [temporal, node, { OTLPTraceExporter }, resources] = await Promise.all([
    import('@temporalio/interceptors-opentelemetry'),
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
    import('@opentelemetry/resources'),
  ]);
  const detected = resources.detectResourcesSync({ detectors: [resources.envDetectorSync] });
  const resource = new resources.Resource({ 'service.name': service }).merge(detected);
  const processor = new node.BatchSpanProcessor(new OTLPTraceExporter());
  const provider = new node.NodeTracerProvider({ resource, spanProcessors: [processor] });
  provider.register();
  return {
    client: new temporal.OpenTelemetryWorkflowClientInterceptor(),
    activity: (context) => ({
      inbound: new temporal.OpenTelemetryActivityInboundInterceptor(context),
      outbound: new temporal.OpenTelemetryActivityOutboundInterceptor(context),
    }),
    sinks: { exporter: temporal.makeWorkflowExporter(processor, resource) },
    stop: () => provider.shutdown(),
  };
}
