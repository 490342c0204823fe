import type { makeWorkflowExporter } from '@temporalio/interceptors-opentelemetry/lib/worker/index.js';
import type {
  ActivityInterceptorsFactory,
  BundleOptions,
  BundlerPlugin,
  ReplayWorkerOptions,
  WorkerOptions,
  WorkerPlugin,
} from '@temporalio/worker';
import { TemperError } from '@temper/contracts';
import { workflowInterceptors } from './workflow-code.js';

type ExporterArguments = Parameters<typeof makeWorkflowExporter>;

export interface TracingOptions {
  /** Where spans go, as `startTracing` of @temper/telemetry or a NodeSDK of yours has it. */
  readonly processor: ExporterArguments[0];
  readonly resource: ExporterArguments[1];
}

/**
 * Spans of runs, stages and what they wait for, on OpenTelemetry: interceptors of activities and workflows, and the sink by
 * which workflows' spans leave the sandbox. As Temporal's OpenTelemetryPlugin, which does as well (then leave this one out);
 * this one makes no spans of queries, which a run that is watched gets twice a second. Before the plugins whose stages it is
 * about.
 */
export class TracingPlugin implements WorkerPlugin, BundlerPlugin {
  readonly name = 'temper.tracing';
  readonly #options: TracingOptions;
  /** Those that this plugin has made. */
  readonly #sinks = new WeakSet<object>();

  constructor(options: TracingOptions) {
    this.#options = options;
  }

  async configureWorker(options: WorkerOptions): Promise<WorkerOptions> {
    if (this.#isIn(options)) return options;
    const { interceptors } = options;
    const activity = [...(interceptors?.activity ?? []), await spans()];
    return this.#withSink({ ...options, interceptors: { ...interceptors, activity } });
  }

  configureReplayWorker(options: ReplayWorkerOptions): Promise<ReplayWorkerOptions> {
    return this.#withSink(options);
  }

  configureBundler(options: BundleOptions): BundleOptions {
    const modules = new Set([
      ...(options.workflowInterceptorModules ?? []),
      ...workflowInterceptors({ traced: true }),
    ]);
    return { ...options, workflowInterceptorModules: [...modules] };
  }

  /** Given to the connection and to the worker, a plugin is asked twice. */
  #isIn({ sinks }: Pick<WorkerOptions, 'sinks'>): boolean {
    return this.#sinks.has(sinks?.['exporter'] as object);
  }

  async #withSink<O extends Pick<WorkerOptions, 'sinks'>>(options: O): Promise<O> {
    if (this.#isIn(options)) return options;
    if (options.sinks && 'exporter' in options.sinks) {
      throw new TemperError('SPEC_INVALID', {
        path: 'TracingPlugin: sink exporter',
        message: 'this worker has it already, from another tracing plugin of its own or of its connection',
        hint: "give one alone, to the connection or to the worker; beside another's leave Temper's out: the stages mark the spans of whichever there is",
      });
    }
    const otel = await import('@temporalio/interceptors-opentelemetry/lib/worker/index.js');
    const exporter = otel.makeWorkflowExporter(this.#options.processor, this.#options.resource);
    this.#sinks.add(exporter);
    return { ...options, sinks: { ...options.sinks, exporter } };
  }
}

/** Loaded where it is used: a worker that does not trace does without OpenTelemetry. */
async function spans(): Promise<ActivityInterceptorsFactory> {
  const otel = await import('@temporalio/interceptors-opentelemetry/lib/worker/index.js');
  return (context) => ({
    inbound: new otel.OpenTelemetryActivityInboundInterceptor(context),
    outbound: new otel.OpenTelemetryActivityOutboundInterceptor(context),
  });
}
