import type { TrainerObserver } from '@temper/activity-device';
import type { StoreRequest } from '@temper/contracts';
import { tracingSettings } from '@temper/telemetry';
import type { MetricsServer, WorkerMetrics } from '@temper/telemetry/metrics';
import type { Tracing } from '@temper/telemetry/tracing';
import type { Logger } from 'pino';
import { installRuntime } from './logging.js';

/** What of a worker is observed, and how its parts take part in it. */
export interface WorkerTelemetry extends AsyncDisposable {
  /** For the plugins, where the worker traces: the workflow bundle has to be made for it. */
  readonly tracing: Pick<Tracing, 'processor' | 'resource'> | undefined;
  /** For the plugins, where metrics are served. */
  readonly metrics: WorkerMetrics | undefined;
  /** For every store that the worker opens. */
  readonly onRequest: ((request: StoreRequest) => void) | undefined;
  /** For the stages that start trainers. */
  readonly observer: TrainerObserver;
}

/**
 * Installs the SDK's runtime. Metrics are served where `TEMPER_METRICS_PORT` is set (0: a free port; on
 * `TEMPER_METRICS_HOST`, default 127.0.0.1), traces sent where `OTEL_EXPORTER_OTLP_ENDPOINT` is.
 */
export async function startTelemetry(
  pool: string,
  logger: Logger,
  env = process.env,
): Promise<WorkerTelemetry> {
  const { metrics, server } = await startMetrics(pool, logger, env);
  const tracing = tracingSettings(env)
    ? (await import('@temper/telemetry/tracing')).startTracing('temper-worker', env)
    : undefined;
  return {
    tracing: tracing && { processor: tracing.processor, resource: tracing.resource },
    metrics,
    onRequest: metrics && ((request) => metrics.storeRequest(request)),
    observer: observerOf(metrics, tracing),
    [Symbol.asyncDispose]: async () => {
      await tracing?.[Symbol.asyncDispose]();
      await server?.[Symbol.asyncDispose]();
    },
  };
}

/** A port that is taken costs the metrics, not the runs: the machine may have another worker with the same settings. */
async function startMetrics(
  pool: string,
  logger: Logger,
  env: NodeJS.ProcessEnv,
): Promise<{ metrics?: WorkerMetrics; server?: MetricsServer }> {
  const port = env['TEMPER_METRICS_PORT'];
  if (!port) {
    installRuntime(logger);
    return {};
  }
  const { freePort, serveMetrics, WorkerMetrics } = await import('@temper/telemetry/metrics');
  // The SDK serves its own numbers from an address of its own; one scrape gets both.
  const sdk = `127.0.0.1:${await freePort()}`;
  installRuntime(logger, sdk);
  const metrics = new WorkerMetrics(pool);
  const host = env['TEMPER_METRICS_HOST'] || '127.0.0.1';
  try {
    const server = await serveMetrics(metrics.registry, {
      port: Number(port),
      host,
      beside: `http://${sdk}/metrics`,
    });
    logger.info({ url: server.url }, 'metrics');
    return { metrics, server };
  } catch (error) {
    logger.warn(
      { err: error, host, port },
      'no metrics are served: TEMPER_METRICS_PORT cannot be listened on',
    );
    return { metrics };
  }
}

const observerOf =
  (metrics: WorkerMetrics | undefined, tracing: Tracing | undefined): TrainerObserver =>
  ({ pipeline }) => {
    const watch = metrics?.training.watch(pipeline);
    return {
      // The trainer's metrics are told over its channel; its traces it sends itself.
      env: tracing?.environment() ?? {},
      onEvent: (event) => {
        if (event.type === 'progress') watch?.progress(event);
        else if (event.type === 'checkpoint') watch?.checkpoint(event.seconds);
        else if (event.type === 'store') for (const request of event.requests) metrics?.storeRequest(request);
      },
      [Symbol.dispose]: () => watch?.[Symbol.dispose](),
    };
  };
