import { createRequire } from 'node:module';
import { defineSearchAttributeKey } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Worker,
  type WorkerPlugin,
  type WorkflowBundle,
} from '@temporalio/worker';
import { TemperClient } from '@temper/client';
import { queuesOf, registerSearchAttributes, searchAttributes, type RunResult } from '@temper/contracts';
import type { PipelineSpecInput } from '@temper/spec';
import { MemoryStore, type ObjectStore } from '@temper/storage';
import { fakeActivities, type Calls, type FakeActivities, type Fakes } from './fakes.js';

export interface TestEnvironmentOptions {
  /** The module of the workflows under test; default: Temper's own, `fineTune` and `sweep`. */
  readonly workflowsPath?: string | undefined;
  /** Beside Temper's: the activities that those workflows call; stages of your own get the store of the run. */
  readonly activities?: object | ((store: ObjectStore) => object) | undefined;
  /** Of the workers and of the bundle. */
  readonly plugins?: WorkerPlugin[] | undefined;
  /**
   * Default: Temporal's test server, on which a timer of a year is over at once. `false`: its dev server, which has what
   * the other lacks (schedules, lists, task queues that tell who polls them).
   */
  readonly timeSkipping?: boolean | undefined;
  /** File of that server; default TEMPER_TEST_SERVER, else the SDK fetches it once. */
  readonly server?: string | undefined;
}

/** What a test has while workers run its fakes. */
export interface TestRun {
  /** Submits, follows, signals as a program does; specs name files that need not be there (`check: false`). */
  readonly client: TemperClient;
  /** In memory, with what the fakes made. */
  readonly store: ObjectStore;
  /** The inputs that each activity was called with. */
  readonly calls: Calls;
  readonly stages: FakeActivities['stages'];
  /** Submits and waits for the end; timers on the way are skipped. */
  execute(spec: PipelineSpecInput): Promise<RunResult>;
  /** Waits for the end of a run or of any workflow, and skips timers on the way. */
  skipTo(workflowId: string): Promise<void>;
}

/**
 * A Temporal server for tests with workers that have fakes for stages: nothing is trained, nothing is fetched, nothing
 * leaves the process but what the server is told.
 *
 *     await using temper = await TemperTestEnvironment.create();
 *     await temper.run({ evaluate: { returns: { test: { f1: 0.2 } } } }, async ({ execute }) => {
 *       expect(await execute(pipeline)).toMatchObject({ status: 'refused' });
 *     });
 */
export class TemperTestEnvironment implements AsyncDisposable {
  private constructor(
    /** For what is not of Temper: workflows, timers, histories. */
    readonly temporal: TestWorkflowEnvironment,
    private readonly bundle: WorkflowBundle,
    private readonly options: TestEnvironmentOptions,
  ) {}

  static async create(options: TestEnvironmentOptions = {}): Promise<TemperTestEnvironment> {
    const { workflowsPath = ownWorkflows(), plugins = [] } = options;
    const logger = new DefaultLogger('ERROR');
    const [bundle, temporal] = await Promise.all([
      bundleWorkflowCode({ workflowsPath, plugins, logger }),
      startServer(options),
    ]);
    return new TemperTestEnvironment(temporal, bundle, options);
  }

  /** Runs workers with these fakes for as long as `use` takes; each call has a store of its own. */
  async run<T>(fakes: Fakes, use: (run: TestRun) => Promise<T>): Promise<T> {
    const store = new MemoryStore();
    const faked = fakeActivities(fakes, { store });
    const client = TemperClient.over(this.temporal.client, { store });
    const skipTo = async (workflowId: string) => {
      // How it ended is for whoever asks next.
      await this.temporal.client.workflow.result(workflowId).catch(() => undefined);
    };
    const { calls, stages } = faked;
    const run: TestRun = {
      ...{ client, store, calls, stages, skipTo },
      async execute(spec) {
        const runId = await client.submit(spec, { check: false });
        await skipTo(runId);
        return client.result(runId);
      },
    };
    const workers = await this.#workers(faked);
    return workers.reduce<() => Promise<T>>(
      (inner, worker) => () => worker.runUntil(inner),
      () => use(run),
    )();
  }

  #workers({ activities, store }: FakeActivities): Promise<Worker[]> {
    const { workflow, device } = queuesOf();
    const { activities: given } = this.options;
    const own = typeof given === 'function' ? (given(store) as object) : given;
    const common = {
      connection: this.temporal.nativeConnection,
      activities: { ...own, ...activities },
      plugins: this.options.plugins ?? [],
      // So that a cancellation reaches a fake at once.
      maxHeartbeatThrottleInterval: 100,
    };
    return Promise.all([
      Worker.create({ ...common, taskQueue: workflow, workflowBundle: this.bundle }),
      ...Object.values(device).map((taskQueue) => Worker.create({ ...common, taskQueue })),
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.temporal.teardown();
  }
}

const ownWorkflows = () => createRequire(import.meta.url).resolve('@temper/workflows/workflow');

async function startServer({
  timeSkipping = true,
  server: path = process.env['TEMPER_TEST_SERVER'],
}: TestEnvironmentOptions) {
  const executable = path ? ({ executable: { type: 'existing-path', path } } as const) : {};
  if (!timeSkipping) {
    const keys = searchAttributes.map((name) => defineSearchAttributeKey(name, 'KEYWORD'));
    return TestWorkflowEnvironment.createLocal({ server: { ...executable, searchAttributes: keys } });
  }
  const environment = await TestWorkflowEnvironment.createTimeSkipping({ server: executable });
  const { connection, namespace = 'default' } = environment;
  await registerSearchAttributes(connection.operatorService, namespace);
  return environment;
}
