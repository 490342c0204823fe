import { DefaultLogger, Runtime } from '@temporalio/worker';
import { queuesOf, type RunResult } from '@temper/contracts';
import { type PipelineSpecInput } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinyPipeline } from '../cli/tiny-classifier.js';
import { eventually, Stack, type WorkerHandle } from './stack.js';

let stack: Stack;
let tiny: Awaited<ReturnType<typeof writeTinyPipeline>>;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  stack = await Stack.start();
  tiny = await writeTinyPipeline(stack.folder, 300);
});
afterAll(() => stack[Symbol.asyncDispose]());

const pipeline = (
  name: string,
  maxSteps: number,
  resources: NonNullable<PipelineSpecInput['resources']>,
): PipelineSpecInput => ({
  ...tiny,
  name,
  training: { maxSteps, learningRate: 1e-3, trainBatchSize: 8, saveSteps: 5000, evalStrategy: 'no' },
  resources: { pool: 'cpu', threads: 1, ...resources },
});

const stageOf = (result: RunResult, name: string) => result.stages.find((s) => s.name === name)!;
/** Far longer than a test may take: it holds the slot until it is cancelled. */
const ENDLESS = 1_000_000;
/** How long the training lasts that gives way, on any machine: it needs four seconds to notice who waits. */
const SECONDS = 15;

/** Starts a run that keeps the only slot while others queue behind it. */
async function holdingTheSlot(use: () => Promise<void>): Promise<void> {
  const holder = await stack.client.submit(pipeline('holder', ENDLESS, { priority: 1 }));
  await eventually('the holder trains', async () => {
    const { live } = await stack.client.show(holder);
    return live.some((l) => l.stage === 'train' && (l.heartbeat?.step ?? 0) > 0);
  });
  await use();
  await stack.client.cancel(holder);
  await stack.client.result(holder);
}

/** When the train stage of a run was taken by a worker, in nanoseconds. */
async function startOfTraining(runId: string): Promise<number> {
  const { events } = await stack.client.temporal.workflow.getHandle(runId).fetchHistory();
  const scheduled = events!.find(
    (e) => e.activityTaskScheduledEventAttributes?.activityType?.name === 'train',
  );
  const started = events!.find(
    (e) => String(e.activityTaskStartedEventAttributes?.scheduledEventId) === String(scheduled!.eventId),
  );
  return Number(started!.eventTime!.seconds) * 1e9 + started!.eventTime!.nanos!;
}

/** Of this machine and model, from a run that trains for some seconds. */
async function stepsASecond(): Promise<number> {
  const runId = await stack.client.submit(pipeline('pace', ENDLESS, {}));
  const step = async () =>
    (await stack.client.show(runId)).live.find((l) => l.stage === 'train')?.heartbeat?.step ?? 0;
  await eventually('the pace is known', async () => (await step()) > 50);
  const [before, began] = [await step(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const pace = ((await step()) - before) / ((performance.now() - began) / 1000);
  await stack.client.cancel(runId);
  await stack.client.result(runId);
  return pace;
}

/** How many wait for a device of the CPU pool. */
async function waiting(): Promise<number> {
  const { stats } = await stack.client.temporal.workflowService.describeTaskQueue({
    namespace: stack.services.temporal.namespace,
    taskQueue: { name: queuesOf().device.cpu },
    taskQueueType: 2,
    reportStats: true,
  });
  return Number(stats?.approximateBacklogCount ?? 0);
}

/** Queues `count` runs a team, all waiting at the same time, and answers the teams in the order of their trainings. */
async function startsOf(weights: Readonly<Record<string, number>>, count: number): Promise<string> {
  const runs: { runId: string; team: string }[] = [];
  await holdingTheSlot(async () => {
    // One team asks for everything first, as the greedy do. What they train is cached: only the order matters here.
    for (const [team, fairnessWeight] of Object.entries(weights)) {
      for (let i = 0; i < count; i++) {
        const spec = pipeline(`${team}-${i}`, 2, { fairnessKey: team, fairnessWeight });
        runs.push({ team, runId: await stack.client.submit(spec) });
      }
    }
    await eventually('all wait', async () => (await waiting()) >= runs.length, 180_000);
  });
  const { workflow } = stack.client.temporal;
  const starts = await Promise.all(
    runs.map(async ({ runId, team }) => {
      await workflow.getHandle(runId).result();
      return { team, at: await startOfTraining(runId) };
    }),
  );
  return starts
    .sort((a, b) => a.at - b.at)
    .map(({ team }) => team)
    .join('');
}

let worker: WorkerHandle | undefined;

describe('one slot for many', () => {
  beforeAll(async () => {
    worker = await stack.worker();
    const first = await stack.client.submit(pipeline('first', 2, {}));
    expect((await stack.client.result(first)).status).toBe('completed');
  });

  it('two teams of equal weight start in turns, whoever asked first', async () => {
    const starts = await startsOf({ a: 1, b: 1 }, 20);
    // In turns, give or take one run.
    const ahead = prefixes(starts).map((part) => Math.abs(count(part, 'a') - count(part, 'b')));
    expect({ starts, most: Math.max(...ahead) }).toSatisfy(({ most }) => most <= 2);
  });

  it('a team of weight 3 starts three runs to one of the other', async () => {
    const starts = await startsOf({ a: 1, b: 3 }, 20);
    // While both wait: three quarters, give or take two runs.
    const off = prefixes(starts.slice(0, 24)).map((part) => Math.abs(count(part, 'b') - 0.75 * part.length));
    expect({ starts, most: Math.max(...off) }).toSatisfy(({ most }) => most <= 2);
  });

  it('a run of a higher priority preempts, and the preempted one ends exact', async () => {
    const STEPS = Math.ceil(SECONDS * (await stepsASecond()));
    const long = (preemptible: boolean) => pipeline('long', STEPS, { priority: 5, preemptible });
    const uninterrupted = await stack.client.result(await stack.client.submit(long(false), { fresh: true }));
    expect(uninterrupted.status).toBe('completed');

    const preempted = await stack.client.submit(long(true), { fresh: true });
    await eventually('it trains', async () => {
      const { live } = await stack.client.show(preempted);
      return live.some((l) => (l.heartbeat?.step ?? 0) > 50);
    });
    const urgent = await stack.client.submit(pipeline('urgent', 2, { priority: 1 }), { fresh: true });
    expect((await stack.client.result(urgent)).status).toBe('completed');
    // The other one has not ended: it gave its place away.
    const { live } = await stack.client.show(preempted);
    expect(live[0]).toMatchObject({ stage: 'train', heartbeat: { preemptions: live[0]!.attempt - 1 } });
    expect(await stack.checkpointStep(preempted)).toBeGreaterThan(0);

    const result = await stack.client.result(preempted);
    expect(result).toMatchObject({ status: 'completed', model: { digest: uninterrupted.model!.digest } });
    // Once for the training of the urgent one; once more for its evaluation, if that found the place taken again.
    const { attempts, preemptions } = stageOf(result, 'train');
    expect(preemptions).toBeGreaterThanOrEqual(1);
    expect(preemptions).toBeLessThanOrEqual(2);
    expect(attempts).toBe(1 + preemptions!);
    expect((await stack.client.metrics(preempted)).map((line) => line.step)).toEqual(
      Array.from({ length: STEPS }, (_, i) => i + 1),
    );
  });
});

describe('two slots', () => {
  it('train two runs at a time, and no third', async () => {
    await worker?.stop();
    await stack.worker('cpu', { TEMPER_SLOTS: '2' });
    const runs = await Promise.all(
      ['one', 'two', 'three'].map((name) => stack.client.submit(pipeline(name, ENDLESS, {}))),
    );
    const training = async () => {
      const shown = await Promise.all(runs.map((runId) => stack.client.show(runId)));
      return shown.filter(({ live }) => live.some((l) => (l.heartbeat?.step ?? 0) > 0)).length;
    };
    const both = async () => (await training()) === 2 && (await waiting()) === 1;
    await eventually('two of them train while the third waits', both, 240_000);
    await Promise.all(runs.map((runId) => stack.client.cancel(runId)));
  });
});

const prefixes = (text: string) => Array.from(text, (_, i) => text.slice(0, i + 1));
const count = (text: string, letter: string) => text.split(letter).length - 1;
