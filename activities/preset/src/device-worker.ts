import { Worker, type WorkerOptions } from '@temporalio/worker';

/** What a second worker of the same process has in common with the first. */
const shared = [
  'connection',
  'namespace',
  'identity',
  'dataConverter',
  'workerDeploymentOptions',
  'interceptors',
  'shutdownGraceTime',
  'shutdownForceTime',
  'maxHeartbeatThrottleInterval',
] as const satisfies readonly (keyof WorkerOptions)[];

/** A worker for the stages that need the device, a slot a device; it lives as long as the worker that it belongs to. */
export class DeviceWorker {
  #worker: Worker | undefined;
  #stopped = false;

  /** Polls until `stop`, or until the process is asked to end. */
  async run(options: WorkerOptions, taskQueue: string, activities: object, slots = 1): Promise<void> {
    const common = Object.fromEntries(
      // The SDK takes an undefined option for a wrong one.
      shared.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
    );
    const worker = await Worker.create({
      ...common,
      taskQueue,
      activities,
      maxConcurrentActivityTaskExecutions: slots,
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
