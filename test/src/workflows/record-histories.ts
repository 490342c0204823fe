// node test/dist/workflows/record-histories.js – writes test/histories/*.json anew.
// After a change of workflow code the old files must still replay (replay.test.ts); record others next to them.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { activityFailure } from '@temper/activity';
import { parsePipelineSpec, TemperError, type PipelineSpec, type StageActivities } from '@temper/contracts';
import { serverBinary } from '@temper/services';
import type { PoolActivities } from '@temper/workflows';
import { fakes, WorkflowHarness } from './harness.js';

const folder = fileURLToPath(new URL('../../histories/', import.meta.url));

const spec = (changes: Partial<PipelineSpec['resources']> = {}) =>
  parsePipelineSpec({
    name: 'mail',
    model: { base: './minilm' },
    dataset: { train: 'mail.csv' },
    resources: changes,
  });

const gate = [{ metric: 'f1', value: 0.5, rule: 'at least 0.6' }];
const died = new TemperError('TRAINER_DIED', 'the trainer process was killed by SIGKILL');

/** One way through the workflow a file. */
interface Way {
  spec: PipelineSpec;
  activities: Partial<StageActivities & PoolActivities>;
  /** What is done while it runs. */
  during?: (handle: Awaited<ReturnType<WorkflowHarness['start']>>) => Promise<void>;
}

let trainStarted = () => {};

/** One that ends only when its worker does, or its run: without heartbeats the server takes its worker for dead. */
const silent = async (): Promise<never> => {
  trainStarted();
  return Context.current().cancelled;
};

/** The same, heart beating. */
const beating = async (): Promise<never> => {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), 50);
  return silent().finally(() => clearInterval(beat));
};

const ways: Record<string, Way> = {
  'fine-tune-completed': { spec: spec(), activities: {} },
  'fine-tune-cpu-pool': { spec: spec({ pool: 'cpu' }), activities: {} },
  'fine-tune-refused': {
    spec: spec(),
    activities: { evaluate: async (input) => ({ ...(await fakes.evaluate(input)), gate }) },
  },
  'fine-tune-retried': {
    spec: spec(),
    activities: {
      train: async (input) => {
        const { attempt } = Context.current().info;
        if (attempt < 2) throw activityFailure(died, attempt);
        return { ...(await fakes.train(input)), attempts: attempt };
      },
    },
  },
  'fine-tune-cached': {
    spec: spec(),
    activities: {
      ingest: async (input) => ({ ...(await fakes.ingest(input)), cached: true }),
      train: async (input) => ({ ...(await fakes.train(input)), cached: true }),
      evaluate: async (input) => ({ ...(await fakes.evaluate(input)), cached: true }),
      publish: async (input) => ({ ...(await fakes.publish(input)), cached: true }),
    },
  },
  'fine-tune-cancelled': {
    spec: spec(),
    activities: { train: beating },
    during: async (handle) => {
      await new Promise<void>((resolve) => (trainStarted = resolve));
      await handle.cancel();
    },
  },
  'fine-tune-worker-killed': {
    spec: spec(),
    activities: {
      train: async (input) =>
        Context.current().info.attempt === 1 ? silent() : { ...(await fakes.train(input)), attempts: 2 },
    },
  },
  'fine-tune-gpu-chosen': { spec: spec(), activities: { choosePool: async () => 'webgpu' } },
  'fine-tune-pool-unknown': {
    spec: spec(),
    activities: {
      choosePool: async () => {
        throw ApplicationFailure.nonRetryable('the pools cannot be asked');
      },
    },
  },
  'fine-tune-device-failed': {
    spec: spec(),
    activities: {
      evaluate: async () => {
        throw activityFailure(new TemperError('LOSS_DIVERGED', { path: 'step 3', message: 'NaN' }), 1);
      },
    },
  },
  'fine-tune-failed': {
    spec: spec(),
    activities: {
      ingest: async () => {
        throw activityFailure(
          new TemperError('DATA_INVALID', { path: 'mail.csv', message: 'no column label' }),
          1,
        );
      },
    },
  },
};

/** As the Temporal CLI writes it for replays, without names and paths of this machine. */
async function shown(workflowId: string): Promise<string> {
  const { path } = await serverBinary('temporal');
  const address = ['--address', harness.environment.address];
  const args = ['workflow', 'show', '--workflow-id', workflowId, '--output', 'json', ...address];
  const { stdout } = await promisify(execFile)(path, args, { maxBuffer: 1e8 });
  return stdout
    .replaceAll(/"(identity|stackTrace)": "(?:[^"\\]|\\.)*"/g, '"$1": "left out"')
    .replaceAll(`${process.pid}@${hostname()}`, 'worker');
}

await using harness = await WorkflowHarness.start();
for (const [name, { spec, activities, during }] of Object.entries(ways)) {
  const handle = await harness.start({ runId: name, spec });
  await harness.withActivities(activities, async () => {
    await during?.(handle);
    await handle.result().catch(() => undefined);
  });
  await writeFile(join(folder, `${name}.json`), await shown(name));
}
