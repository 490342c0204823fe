import { context, propagation, ROOT_CONTEXT, trace, type Context, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResourcesSync, envDetectorSync, hostDetectorSync, Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-node';
import type { Spans } from '@temper/contracts';
import { tracingSettings } from './settings.js';
import { spansOf } from './spans.js';

export type ServiceName = 'temper-cli' | 'temper-worker' | 'temper-trainer';

/** A process's tracing while it is on. */
export interface Tracing extends AsyncDisposable {
  readonly spans: Spans;
  readonly resource: Resource;
  readonly processor: SpanProcessor;
  /** `TRACEPARENT`, … for a child process whose spans belong below the active one. */
  environment(): Record<string, string>;
  /** Runs below the span that `TRACEPARENT` of this process's environment names. */
  below<T>(env: Readonly<Record<string, string | undefined>>, work: () => T): T;
}

/** Milliseconds that the end of a process waits for its last spans to leave. */
const FLUSH_LIMIT = 5_000;

/**
 * Starts OpenTelemetry as the standard variables say: `OTEL_EXPORTER_OTLP_*`, `OTEL_BSP_*`, `OTEL_TRACES_SAMPLER`,
 * `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SERVICE_NAME`, `OTEL_PROPAGATORS`. Undefined where they leave it off.
 */
export function startTracing(service: ServiceName, env = process.env): Tracing | undefined {
  const settings = tracingSettings(env);
  if (!settings) return undefined;
  const resource = Resource.default()
    .merge(new Resource({ 'service.name': service, 'process.pid': process.pid }))
    // What the environment says wins.
    .merge(detectResourcesSync({ detectors: [hostDetectorSync, envDetectorSync] }));
  const exporter = settings.protocol === 'http/json' ? new JsonExporter() : new ProtobufExporter();
  const processor = new BatchSpanProcessor(exporter);
  const provider = new NodeTracerProvider({ resource, spanProcessors: [processor] });
  provider.register();
  const tracer: Tracer = trace.getTracer('temper');
  return {
    spans: spansOf(tracer),
    resource,
    processor,
    environment: () => upperCased(carrierOf(context.active())),
    below: (variables, work) => context.with(contextOf(variables), work),
    [Symbol.asyncDispose]: async () => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, FLUSH_LIMIT)));
      // A collector that does not answer is no reason for a process to fail or to stay.
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}

function carrierOf(active: Context): Record<string, string> {
  const carrier: Record<string, string> = {};
  propagation.inject(active, carrier);
  return carrier;
}

// https://opentelemetry.io/docs/specs/otel/context/env-carriers: names in upper case, `-` as `_`.
const variable = (name: string) => name.toUpperCase().replaceAll('-', '_');
const upperCased = (carrier: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(carrier).map(([name, value]) => [variable(name), value]));

function contextOf(env: Readonly<Record<string, string | undefined>>): Context {
  const named = propagation.fields().flatMap((name): [string, string][] => {
    const value = env[variable(name)];
    return value === undefined ? [] : [[name, value]];
  });
  return propagation.extract(ROOT_CONTEXT, Object.fromEntries(named));
}
