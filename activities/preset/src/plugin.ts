import type { BundleOptions, ReplayWorkerOptions, Worker, WorkerOptions } from '@temporalio/worker';
import {
  checkOptions,
  janitorActivities,
  optionKinds,
  stageOptionsSchema,
  stagePorts,
  type StagePluginOptions,
  type WorkerFacts,
} from '@temper/activity';
import { devicePorts, deviceShape, type DeviceOptions } from '@temper/activity-device';
import { evaluateActivities } from '@temper/activity-evaluate';
import { ingestActivities } from '@temper/activity-ingest';
import { notifyActivities } from '@temper/activity-notify';
import { preprocessActivities } from '@temper/activity-preprocess';
import { publishActivities } from '@temper/activity-publish';
import { trainActivities } from '@temper/activity-train';
import { queuePrefixOf, queuesOf } from '@temper/contracts';
import { z } from 'zod';
import { poolActivities } from './choose-pool.js';
import { DeviceWorker } from './device-worker.js';
import { serve } from './served-queues.js';
import { threadsOf } from './slots.js';
import { TracingPlugin, type TracingOptions } from './tracing.js';
import { workflowsShape, WorkflowsPlugin, type WorkflowsPluginOptions } from './workflows.js';

export interface TemperPluginOptions
  extends
    StagePluginOptions,
    WorkflowsPluginOptions,
    Pick<DeviceOptions, 'trainer' | 'watchdog' | 'observer'> {
  /** Trainings at a time; the machine's cores are divided among them. 0: none, where GPU workers do them all. Default 1. */
  readonly slots?: number | undefined;
  /** Of the installation, where several share the namespace; default TEMPER_QUEUE_PREFIX, else `temper`. */
  readonly queuePrefix?: string | undefined;
  /** Where trainings of the CPU pool wait; default `PREFIX-cpu-device`. */
  readonly deviceQueue?: string | undefined;
  /** Spans on OpenTelemetry; without it, those of another plugin of the worker, if there is one. */
  readonly tracing?: TracingOptions | undefined;
}

const schema = stageOptionsSchema.extend({
  ...workflowsShape,
  ...deviceShape,
  slots: z.int().min(0).max(256).optional(),
  queuePrefix: z.string().optional(),
  deviceQueue: z.string().min(1).max(200).optional(),
  tracing: z
    .strictObject({
      processor: optionKinds.withMethods<TracingOptions['processor']>('a span processor', 'onStart', 'onEnd'),
      resource: z.custom<TracingOptions['resource']>(
        (value) => typeof value === 'object',
        'must be a resource',
      ),
    })
    .optional(),
});

/**
 * Everything that a CPU worker of Temper does:
 *
 *     await Worker.create({ taskQueue: 'temper-cpu', plugins: [new TemperPlugin({ store, home: '.temper' })] })
 *
 * Workflows and light stages run on the worker's own queue; training and evaluation, one a slot, on the queue of the
 * CPU device, by a second worker that the plugin starts and stops with the first.
 */
export class TemperPlugin extends WorkflowsPlugin {
  readonly #device: object;
  readonly #slots: number;
  readonly #queue: string;
  readonly #tracing: TracingPlugin | undefined;
  readonly #served = new WeakSet<Worker>();

  constructor(options: TemperPluginOptions) {
    checkOptions('TemperPlugin', schema, options);
    const {
      workflowBundle,
      searchAttributes,
      queuePrefix,
      deviceQueue,
      tracing,
      slots = 1,
      ...rest
    } = options;
    const { trainer, watchdog, observer, metrics, startupChecks, ...stage } = rest;
    const ports = stagePorts(stage);
    const light = { ...ingestActivities(ports), ...preprocessActivities(ports), ...publishActivities(ports) };
    const facts: WorkerFacts = {};
    super(
      { workflowBundle, searchAttributes },
      {
        activities: {
          ...light,
          ...notifyActivities(ports),
          ...poolActivities,
          ...janitorActivities(ports, metrics),
        },
        alsoWatched: ['train', 'evaluate'],
        ...{ ports, metrics, startupChecks, facts },
      },
      'all',
      'TemperPlugin',
    );
    const threads = threadsOf(Math.max(1, slots));
    const device = devicePorts(ports, facts, { provider: 'cpu', threads, trainer, watchdog, observer });
    this.#device = { ...trainActivities(device), ...evaluateActivities(device) };
    this.#slots = slots;
    this.#queue = deviceQueue ?? queuesOf(queuePrefixOf(queuePrefix, process.env)).device.cpu;
    this.#tracing = tracing && new TracingPlugin(tracing);
  }

  override async configureWorker(given: WorkerOptions): Promise<WorkerOptions> {
    if (this.isIn(given)) return given;
    return super.configureWorker((await this.#tracing?.configureWorker(given)) ?? given);
  }

  override async configureReplayWorker(given: ReplayWorkerOptions): Promise<ReplayWorkerOptions> {
    return super.configureReplayWorker((await this.#tracing?.configureReplayWorker(given)) ?? given);
  }

  override configureBundler(given: BundleOptions): BundleOptions {
    return super.configureBundler(this.#tracing?.configureBundler(given) ?? given);
  }

  override async runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    // Given to the connection and to the worker, a plugin is asked twice; the device is the first one's.
    if (!this.#slots || this.#served.has(worker)) return super.runWorker(worker, next);
    this.#served.add(worker);
    const { connection, namespace } = worker.options;
    const giveBack = serve(connection ?? DeviceWorker, namespace, this.#queue);
    const device = new DeviceWorker();
    const plugins = worker.options.plugins ?? [];
    const after = plugins.slice(plugins.indexOf(this) + 1);
    const inner = [...new Set(after)].filter((plugin) => plugin !== this);
    const second = device
      .run(worker, this.#queue, this.#device, this.#slots, inner)
      .catch((error: unknown) => {
        if (worker.getState() === 'RUNNING') worker.shutdown();
        throw error;
      });
    // Its failure is thrown below, after the first worker has stopped.
    second.catch(() => undefined);
    // Both stop at once: a training needs all the time that there is for its last checkpoint.
    const watch = setInterval(() => isStopping(worker) && device.stop(), 50);
    try {
      await super.runWorker(worker, next);
    } finally {
      clearInterval(watch);
      device.stop();
      await second.finally(giveBack);
    }
  }
}

const isStopping = (worker: Worker) => !['INITIALIZED', 'RUNNING'].includes(worker.getState());
