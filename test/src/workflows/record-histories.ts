// node test/dist/workflows/record-histories.js – writes test/histories/*.json anew.
// After a change of workflow code the old files must still replay (replay.test.ts); record others next to them.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { activityFailure } from '@temper/activity';
import {
  parsePipelineSpec,
  TemperError,
  type ControlUpdate,
  type PipelineSpec,
  type RunProgress,
  type StageActivities,
  type TrainInput,
} from '@temper/contracts';
import { serverBinary } from '@temper/services';
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

const approved = { ...spec(), publish: { ...spec().publish, approval: true } };

/** Trains until it is interrupted, and then to the end. */
const interrupted = () => {
  let trainings = 0;
  return async (input: TrainInput) => {
    if (++trainings > 1) return fakes.train(input);
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat(), 50);
    return context.cancelled.finally(() => clearInterval(beat));
  };
};

const until = async (handle: WorkflowHandle, isSo: (progress: RunProgress) => boolean) => {
  while (!isSo(await handle.query<RunProgress>('progress'))) await sleep(20);
};
const trains = ({ stages }: RunProgress) => stages.some((s) => s.name === 'train' && s.status === 'running');
const ask = (handle: WorkflowHandle, update: ControlUpdate, more: object = {}) =>
  handle.executeUpdate(update, { args: [{ by: 'ann', ...more }] });

interface Way {
  readonly spec: PipelineSpec;
  readonly activities: Partial<StageActivities>;
  /** What people do meanwhile. */
  readonly meanwhile?: (handle: WorkflowHandle) => Promise<unknown>;
}

/** One way through the workflow a file. */
const ways: Record<string, Way> = {
  'fine-tune-paused': {
    spec: spec(),
    activities: { train: interrupted() },
    meanwhile: async (handle) => {
      await until(handle, trains);
      await ask(handle, 'pause', { note: 'the machine is needed' });
      await ask(handle, 'resume');
    },
  },
  'fine-tune-paused-cancelled': {
    spec: spec(),
    activities: { train: interrupted() },
    meanwhile: async (handle) => {
      await until(handle, trains);
      await ask(handle, 'pause');
      await handle.cancel();
    },
  },
  'fine-tune-changed': {
    spec: spec(),
    activities: { train: interrupted() },
    meanwhile: async (handle) => {
      await until(handle, trains);
      await ask(handle, 'change', { learningRate: 1e-5, note: 'too fast' });
    },
  },
  'fine-tune-approved': {
    spec: approved,
    activities: {},
    meanwhile: async (handle) => {
      await until(handle, ({ status }) => status === 'awaiting-approval');
      await ask(handle, 'approve', { comment: 'looks right' });
    },
  },
  'fine-tune-rejected': {
    spec: approved,
    activities: {},
    meanwhile: async (handle) => {
      await until(handle, ({ status }) => status === 'awaiting-approval');
      await ask(handle, 'reject');
    },
  },
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
for (const [name, { spec, activities, meanwhile }] of Object.entries(ways)) {
  const handle = await harness.start({ runId: name, spec });
  await harness.withActivities(activities, async () => {
    await meanwhile?.(handle);
    await handle.result().catch(() => undefined);
  });
  await writeFile(join(folder, `${name}.json`), await shown(name));
}
