import { defineSearchAttributeKey } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import {
  deviceQueueOf,
  fineTuneWorkflow,
  searchAttributes,
  WORKFLOW_QUEUE,
  type ArtifactKind,
  type ArtifactRef,
  type FineTuneInput,
  type NotifyActivities,
  type Provider,
  type StageActivities,
} from '@temper/contracts';
import { workflowsPath } from '@temper/plugin/workflows';
import { serverBinary } from '@temper/services';
import type { PoolActivities } from '@temper/workflows';

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

  /** Workers of the CPU pool with these activities, for as long as `use` takes. */
  async withActivities<T>(
    activities: Partial<StageActivities & PoolActivities & NotifyActivities>,
    use: () => Promise<T>,
  ): Promise<T> {
    const common = {
      connection: this.environment.nativeConnection,
      activities: { ...fakes, ...activities },
      maxHeartbeatThrottleInterval: '100 milliseconds',
    } as const;
    const workers = await Promise.all([
      Worker.create({ ...common, taskQueue: WORKFLOW_QUEUE, workflowBundle: this.bundle }),
      Worker.create({ ...common, taskQueue: deviceQueueOf.cpu }),
    ]);
    return workers[0]!.runUntil(() => workers[1]!.runUntil(use));
  }

  start(input: FineTuneInput, workflowId = input.runId!) {
    return this.client.workflow.start(fineTuneWorkflow, {
      workflowId,
      taskQueue: WORKFLOW_QUEUE,
      args: [input],
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.environment.teardown();
  }
}

const ref = <K extends ArtifactKind>(kind: K, digit: string): ArtifactRef<K> => ({
  kind,
  digest: `sha256:${digit.repeat(64)}`,
  uri: `s3://temper/manifests/sha256/${digit}${digit}/${digit.repeat(64)}.json`,
});

/** Stages that answer at once. */
export const fakes: StageActivities & PoolActivities & NotifyActivities = {
  notify: async () => undefined,
  driftFromProduction: async () => undefined,
  choosePool: async (): Promise<Provider> => 'cpu',
  ingest: async () => ({
    dataset: ref('dataset', 'a'),
    baseModel: ref('base-model', 'b'),
    spec: `sha256:${'9'.repeat(64)}`,
    cached: false,
    summary: '100 rows',
    attempts: 1,
  }),
  preprocess: async () => ({
    tokens: ref('tokens', 'c'),
    cached: true,
    summary: '100 examples',
    attempts: 1,
  }),
  train: async () => ({
    checkpoint: ref('checkpoint', 'd'),
    steps: 10,
    validation: { f1: 0.9 },
    metricsUri: 's3://temper/runs/run/metrics/',
    cached: false,
    summary: '10 steps',
    attempts: 1,
  }),
  evaluate: async () => ({
    base: { f1: 0.4 },
    test: { f1: 0.8 },
    gate: [],
    cached: false,
    summary: 'f1 0.4 → 0.8',
    attempts: 1,
  }),
  publish: async () => ({
    name: 'mail',
    version: 3,
    digest: `sha256:${'e'.repeat(64)}`,
    model: ref('model', 'f'),
    reportUri: 's3://temper/runs/run/report.json',
    cached: false,
    summary: 'mail:3',
    attempts: 1,
  }),
};
