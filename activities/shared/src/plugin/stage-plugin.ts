import type {
  BundlerPlugin,
  NativeConnectionPlugin,
  ReplayWorkerOptions,
  Worker,
  WorkerOptions,
  WorkerPlugin,
} from '@temporalio/worker';
import type { StageMetrics } from '@temper/contracts';
import { DEFAULT_BEAT, type StagePorts } from '../ports.js';
import { checkActivities, hasAll, withActivities } from './activities.js';
import { stageInterceptors } from './stage-interceptors.js';
import { startupChecks } from './startup-checks.js';

/** temporal.api.deployment.v1.WorkerDeploymentVersion */
export interface WorkerVersion {
  readonly deploymentName: string;
  readonly buildId: string;
}

/** What stages may know of the worker that they run in, once it is there. */
export interface WorkerFacts {
  version?: WorkerVersion | undefined;
}

export interface StageParts {
  readonly activities: object;
  /** Stages that are watched besides, of a worker that takes over this one's interceptors. */
  readonly alsoWatched?: readonly string[] | undefined;
  readonly ports?: StagePorts | undefined;
  readonly metrics?: StageMetrics | undefined;
  /** False: neither the home folder nor the store is looked at when a worker starts. Default true. */
  readonly startupChecks?: boolean | undefined;
  readonly facts?: WorkerFacts | undefined;
}

/** Milliseconds between two heartbeats that reach the server: what a stage reports is seen by people who watch. */
const throttleOf = (heartbeatInterval = DEFAULT_BEAT) => Math.max(1_000, heartbeatInterval / 2);

/**
 * Activities as a Temporal plugin: `Worker.create({plugins: [new TrainPlugin(…)], …})`, on a worker, or on a connection
 * whose workers, clients and bundlers then have it. It sets neither workflows nor queues: those are the host's.
 *
 * The interface is still marked experimental, so it is implemented here and nowhere else; SimplePlugin, which lets the last
 * activity of a name win, checks nothing and cannot wait, is not used.
 */
export class StagePlugin implements WorkerPlugin, BundlerPlugin, NativeConnectionPlugin {
  readonly name: string;
  readonly #parts: StageParts;

  constructor(
    name: string,
    parts: StageParts,
    readonly className = 'StagePlugin',
  ) {
    this.name = `temper.${name}`;
    this.#parts = parts;
  }

  /** @throws TemperError where the worker could not do its work: see `startupChecks` and `withActivities`. */
  async configureWorker(options: WorkerOptions): Promise<WorkerOptions> {
    const { activities, metrics, ports, facts, ...rest } = this.#parts;
    if (facts) facts.version = options.workerDeploymentOptions?.version;
    if (this.isIn(options)) return options;
    const all = withActivities(this.className, options.activities, activities);
    if (ports && rest.startupChecks !== false) await startupChecks(this.className, ports);
    // The SDK asks one plugin after the other: this one, after those that may still set activities.
    options.plugins?.push({
      name: `${this.name}.last-look`,
      configureWorker: (last) => {
        checkActivities(this.className, last.activities, activities);
        return last;
      },
    });
    const { interceptors } = options;
    const throttle = throttleOf(ports?.heartbeatInterval);
    return {
      ...options,
      activities: all,
      interceptors: {
        ...interceptors,
        activity: [
          ...(interceptors?.activity ?? []),
          stageInterceptors([...Object.keys(activities), ...(rest.alsoWatched ?? [])], metrics),
        ],
      },
      maxHeartbeatThrottleInterval: options.maxHeartbeatThrottleInterval ?? throttle,
      defaultHeartbeatThrottleInterval: options.defaultHeartbeatThrottleInterval ?? throttle,
    };
  }

  /** Given to the connection and to the worker, a plugin is asked twice. */
  protected isIn(options: WorkerOptions): boolean {
    return hasAll(options.activities, this.#parts.activities);
  }

  /** A replay runs no activities. */
  configureReplayWorker(options: ReplayWorkerOptions): ReplayWorkerOptions | Promise<ReplayWorkerOptions> {
    return options;
  }

  runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    return next(worker);
  }
}
