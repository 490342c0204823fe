import { Worker, type WorkerOptions, type WorkerPlugin } from '@temporalio/worker';
import { TemperError } from '@temper/contracts';

/** Of the first worker's options, those that are about its own queue, workflows and slots. */
const own = [
  'activities',
  'bundlerOptions',
  'enableNonLocalActivities',
  'maxActivitiesPerSecond',
  'maxConcurrentActivityTaskExecutions',
  'maxConcurrentLocalActivityExecutions',
  'maxConcurrentWorkflowTaskExecutions',
  'maxTaskQueueActivitiesPerSecond',
  'nexusServices',
  'nexusServiceHandlers',
  'plugins',
  'sinks',
  'taskQueue',
  'tuner',
  'workflowBundle',
  'workflowsPath',
] as const;

/**
 * A worker for the stages that need the device, a slot a device; it lives as long as the worker that it belongs to, and has
 * everything that the host and its other plugins have made of that one: connection, data converter, interceptors, identity,
 * version, shutdown, heartbeats.
 */
export class DeviceWorker {
  #worker: Worker | undefined;
  #stopped = false;

  /**
   * Polls until `stop`, or until the process is asked to end. `plugins`: those that are still to run around the first
   * worker, which run around this one too; what they configure is in its options already.
   */
  async run(
    first: Worker,
    taskQueue: string,
    activities: object,
    slots = 1,
    plugins: readonly WorkerPlugin[] = [],
  ): Promise<void> {
    const { connection, ...options } = optionsOf(first);
    const worker = await Worker.create({
      ...options,
      taskQueue,
      activities,
      maxConcurrentActivityTaskExecutions: slots,
      plugins: [connectedTo(connection), ...plugins.map(aroundRun)],
    }).catch((error: unknown) => {
      throw takenBySelf(error, taskQueue);
    });
    if (this.#stopped) return;
    this.#worker = worker;
    await worker.run();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#worker?.getState() === 'RUNNING') this.#worker.shutdown();
  }
}

/** The SDK would have the plugins of a connection that is given at once configure this worker too. */
const connectedTo = (connection: WorkerOptions['connection']): WorkerPlugin => ({
  name: 'temper.connection',
  configureWorker: (options) => ({ ...options, ...(connection && { connection }) }),
});

const aroundRun = (plugin: WorkerPlugin): WorkerPlugin => ({
  name: plugin.name,
  runWorker: (worker, next) => plugin.runWorker?.(worker, next) ?? next(worker),
});

/** The SDK lets a process have one worker a queue. */
function takenBySelf(error: unknown, queue: string): unknown {
  if (!/multiple workers with overlapping/.test((error as Error).message)) return error;
  return new TemperError(
    'SPEC_INVALID',
    {
      path: 'TemperPlugin.deviceQueue',
      message: 'this process has a worker on this queue already',
      found: queue,
      hint: 'of several presets in a process each has a queuePrefix of its own, or one the slots and the others `slots: 0`',
    },
    { cause: error },
  );
}

/** The SDK takes an undefined option for a wrong one. */
function optionsOf({ options }: Worker): Omit<WorkerOptions, 'taskQueue'> {
  const { workflowModules: _, ...interceptors } = options.interceptors;
  const without = new Set<string>(own);
  const kept = Object.entries({ ...options, interceptors }).filter(
    ([name, value]) => value !== undefined && !without.has(name),
  );
  return Object.fromEntries(kept);
}
