import type { Worker, WorkerOptions } from '@temporalio/worker';
import { stagePorts, StagePlugin, type StagePortsOptions } from '@temper/activity';
import { evaluateActivities } from '@temper/activity-evaluate';
import { ingestActivities } from '@temper/activity-ingest';
import { notifyActivities } from '@temper/activity-notify';
import { preprocessActivities } from '@temper/activity-preprocess';
import { publishActivities } from '@temper/activity-publish';
import type { DevicePorts } from '@temper/activity-device';
import { trainActivities } from '@temper/activity-train';
import { queuePrefixOf, queuesOf, type Queues } from '@temper/contracts';
import { poolActivities } from './choose-pool.js';
import { DeviceWorker } from './device-worker.js';
import { threadsOf } from './slots.js';
import { workflowsPath } from './workflows.js';

export interface TemperPluginOptions
  extends StagePortsOptions, Pick<DevicePorts, 'trainer' | 'watchdog' | 'observer'> {
  /** File of a prebuilt workflow bundle; without it the worker bundles for some seconds when it starts. */
  readonly workflowBundle?: string | undefined;
  /** Trainings at a time; the machine's cores are divided among them. Default 1. */
  readonly slots?: number | undefined;
  /** Of the installation, where several share the namespace; default TEMPER_QUEUE_PREFIX, else `temper`. */
  readonly queuePrefix?: string | undefined;
}

/**
 * Everything that a CPU worker of Temper does:
 *
 *     await Worker.create({ taskQueue: 'temper-cpu', plugins: [new TemperPlugin({ store, home: '.temper' })] })
 *
 * Workflows and light stages run on the worker's own queue; training and evaluation, one a slot, on the queue of the
 * CPU device, by a second worker that the plugin starts and stops with the first.
 */
export class TemperPlugin extends StagePlugin {
  readonly #device: object;
  readonly #slots: number;
  readonly #queues: Queues;
  #options: WorkerOptions | undefined;

  constructor({
    workflowBundle,
    trainer,
    watchdog,
    observer,
    slots = 1,
    queuePrefix,
    ...options
  }: TemperPluginOptions) {
    const ports = stagePorts(options);
    const light = { ...ingestActivities(ports), ...preprocessActivities(ports), ...publishActivities(ports) };
    super(
      'all',
      { ...light, ...notifyActivities(ports), ...poolActivities },
      workflowBundle ? { bundle: workflowBundle } : { path: workflowsPath() },
    );
    const device: DevicePorts = {
      ...ports,
      provider: 'cpu',
      threads: threadsOf(slots),
      version: () => this.#options?.workerDeploymentOptions?.version,
      observer,
      ...(trainer ? { trainer } : {}),
      ...(watchdog ? { watchdog } : {}),
    };
    this.#queues = queuesOf(queuePrefixOf(queuePrefix, process.env));
    this.#slots = slots;
    this.#device = { ...trainActivities(device), ...evaluateActivities(device) };
  }

  override configureWorker(options: WorkerOptions): WorkerOptions {
    this.#options = options;
    return super.configureWorker(options);
  }

  override async runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    const device = new DeviceWorker();
    const second = device
      .run(this.#options!, this.#queues.device.cpu, this.#device, this.#slots)
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
      await second;
    }
  }
}

const isStopping = (worker: Worker) => !['INITIALIZED', 'RUNNING'].includes(worker.getState());
