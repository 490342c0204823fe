import { defineSearchAttributeKey } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import {
  fineTuneWorkflow,
  searchAttributes,
  queuesOf,
  type JanitorActivities,
  type NotifyActivities,
  type Queues,
} from '@temper/contracts';
import { type FineTuneInput, type StageActivities } from '@temper/spec';
import { workflowsPath } from '@temper/plugin/workflows';
import { serverBinary } from '@temper/services';
import type { PoolActivities } from '@temper/workflows';
import { fakes } from './fakes.js';

export { fakes } from './fakes.js';

/** A real Temporal dev server and the real workflow bundle; the activities are each test's own. */
export class WorkflowHarness implements AsyncDisposable {
  private constructor(
    readonly environment: TestWorkflowEnvironment,
    readonly bundle: WorkflowBundle,
  ) {}

  static async start(): Promise<WorkflowHarness> {
    const logger = new DefaultLogger('ERROR');
    Runtime.install({ logger });
    const [{ path }, bundle] = await Promise.all([
      serverBinary('temporal'),
      bundleWorkflowCode({ workflowsPath: workflowsPath(), logger }),
    ]);
    const environment = await TestWorkflowEnvironment.createLocal({
      server: {
        executable: { type: 'existing-path', path },
        searchAttributes: searchAttributes.map((name) => defineSearchAttributeKey(name, 'KEYWORD')),
      },
    });
    return new WorkflowHarness(environment, bundle);
  }

  get client() {
    return this.environment.client;
  }

  /** Workers of the CPU pool and of one GPU pool with these activities, for as long as `use` takes. */
  async withActivities<T>(
    activities: Partial<StageActivities & PoolActivities & NotifyActivities & JanitorActivities>,
    use: () => Promise<T>,
    { workflow, device }: Queues = queuesOf(),
  ): Promise<T> {
    const common = {
      connection: this.environment.nativeConnection,
      activities: { ...fakes, ...activities },
      maxHeartbeatThrottleInterval: '100 milliseconds',
    } as const;
    const workers = await Promise.all([
      Worker.create({ ...common, taskQueue: workflow, workflowBundle: this.bundle }),
      Worker.create({ ...common, taskQueue: device.cpu }),
      Worker.create({ ...common, taskQueue: device.webgpu }),
    ]);
    return workers[0]!.runUntil(() => workers[1]!.runUntil(() => workers[2]!.runUntil(use)));
  }

  start(input: FineTuneInput, workflowId = input.runId!) {
    return this.client.workflow.start(fineTuneWorkflow, {
      workflowId,
      taskQueue: queuesOf().workflow,
      args: [input],
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.environment.teardown();
  }
}
