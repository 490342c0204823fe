import { isGrpcServiceError, type Client } from '@temporalio/client';
import { nearest, queuesOf, TemperError, type Queues } from '@temper/contracts';

/** temporal.api.enums.v1.WorkerDeploymentVersionStatus, by number. */
const statuses = ['unknown', 'inactive', 'current', 'ramping', 'draining', 'drained', 'created'] as const;

export interface BuildInfo {
  readonly build: string;
  /**
   * `current`: new runs start on it; `ramping`: some do; `draining`: it gets none, and runs are left on it; `drained`: its
   * workers may go; `inactive`: it never had any.
   */
  readonly status: (typeof statuses)[number];
  /** Percent of the new runs, of a build that is ramping. */
  readonly percentage?: number | undefined;
  /** Runs on it that have not ended. */
  readonly runs: number;
}

/** grpc.status */
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;

/** The builds of Temper's workers: versions of one Worker Deployment. A run stays on the build that it began with. */
export class Builds {
  readonly #client: Client;
  readonly #deployment: string;
  constructor(client: Client, { deployment }: Queues = queuesOf()) {
    this.#client = client;
    this.#deployment = deployment;
  }

  /** Newest first. */
  async list(): Promise<BuildInfo[]> {
    const deployment = await this.#describe();
    const { rampingDeploymentVersion: ramping, rampingVersionPercentage } = deployment?.routingConfig ?? {};
    return Promise.all(
      (deployment?.versionSummaries ?? []).map(async ({ deploymentVersion, status }): Promise<BuildInfo> => {
        const build = deploymentVersion?.buildId ?? '';
        const isRamping = ramping?.buildId === build;
        return {
          build,
          status: statuses[status ?? 0] ?? 'unknown',
          ...(isRamping ? { percentage: rampingVersionPercentage ?? 0 } : {}),
          runs: await this.#runsOn(build),
        };
      }),
    );
  }

  /** New runs start on this build from now on; those that go on stay where they are. */
  async setCurrent(build: string): Promise<void> {
    const { workflowService, options } = this.#client;
    const { namespace, identity } = options;
    await this.#known(build, () =>
      workflowService.setWorkerDeploymentCurrentVersion({
        namespace,
        identity,
        deploymentName: this.#deployment,
        buildId: build,
      }),
    );
  }

  /** This percentage of the new runs starts on the build; 0 ends the trial. */
  async ramp(build: string, percentage: number): Promise<void> {
    const { workflowService, options } = this.#client;
    const { namespace, identity } = options;
    await this.#known(build, () =>
      workflowService.setWorkerDeploymentRampingVersion({
        namespace,
        identity,
        deploymentName: this.#deployment,
        buildId: percentage > 0 ? build : '',
        percentage,
      }),
    );
  }

  async #describe() {
    const { workflowService, options } = this.#client;
    try {
      const { namespace } = options;
      const deploymentName = this.#deployment;
      const found = await workflowService.describeWorkerDeployment({ namespace, deploymentName });
      return found.workerDeploymentInfo;
    } catch (error) {
      if (isGrpcServiceError(error) && Number(error.code) === NOT_FOUND) return undefined;
      throw error;
    }
  }

  async #runsOn(build: string): Promise<number> {
    const version = `${this.#deployment}:${build}`;
    const query = `TemporalWorkerDeploymentVersion = '${version}' AND ExecutionStatus = 'Running'`;
    return (await this.#client.workflow.count(query)).count;
  }

  /** The server refuses a build that has no workers, or whose workers lack a queue that the current one's have. */
  async #known(build: string, act: () => Promise<unknown>): Promise<void> {
    const builds = (await this.list()).map((b) => b.build);
    if (!builds.includes(build)) {
      const close = nearest(build, builds);
      throw new TemperError('NOT_FOUND', {
        path: build,
        message: 'no worker of this build has polled yet',
        ...(builds.length ? { allowed: builds.join(', ') } : {}),
        hint: close ? `did you mean ${close}?` : `temper worker --build-id ${build} starts one`,
      });
    }
    try {
      await act();
    } catch (cause) {
      if (!isGrpcServiceError(cause) || Number(cause.code) !== FAILED_PRECONDITION) throw cause;
      throw new TemperError(
        'NOT_FOUND',
        { path: build, message: 'the server does not route to this build', found: cause.details },
        { cause },
      );
    }
  }
}
