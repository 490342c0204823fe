import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure, type ApplicationFailure } from '@temporalio/common';
import { activityFailure } from '@temper/activity';
import { sweepWorkflow, TemperError, queuesOf } from '@temper/contracts';
import {
  parseSweepSpec,
  type PublishInput,
  type StageActivities,
  type SweepInput,
  type SweepProgress,
  type SweepResult,
  type SweepSpecInput,
  type TrainInput,
} from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakes, WorkflowHarness } from './harness.js';

let harness: WorkflowHarness;
beforeAll(async () => void (harness = await WorkflowHarness.start()));
afterAll(() => harness[Symbol.asyncDispose]());

const rates = [3e-3, 1e-3, 3e-4, 1e3, 1e-4, 3e-5, 1e-5, 1e-6];
const written: SweepSpecInput = {
  name: 'rates',
  pipeline: { name: 'mail', model: { base: './minilm' }, dataset: { train: 'mail.csv' } },
  search: { 'training.learningRate': { values: rates } },
  strategy: 'grid',
};
const TOTAL = 90;

/** Trainings whose f1 follows from the learning rate and the steps; above 1 they diverge. Counts how many run at once. */
function trainer() {
  const seen = { now: 0, most: 0, steps: new Map<string, number>() };
  const train: StageActivities['train'] = async (input) => {
    const rate = input.spec.training.learningRate;
    const { stopAt } = input;
    const steps = Math.min(TOTAL, stopAt && 'steps' in stopAt ? stopAt.steps : TOTAL);
    seen.most = Math.max(seen.most, ++seen.now);
    await new Promise((done) => setTimeout(done, 200));
    seen.now -= 1;
    if (rate > 1) throw activityFailure(new TemperError('LOSS_DIVERGED', 'the loss is NaN'), 1);
    seen.steps.set(input.runId, steps);
    const f1 = 1 - Math.abs(Math.log10(rate) + 3) / 10 - 1 / (steps + 10);
    const how = { steps, totalSteps: TOTAL, finished: steps === TOTAL };
    return { ...(await fakes.train(input)), ...how, validation: { f1 } };
  };
  return { seen, train };
}

async function start(changes: Partial<SweepSpecInput> = {}) {
  const sweepId = `rates-${randomUUID()}`;
  const input: SweepInput = { sweepId, spec: parseSweepSpec({ ...written, ...changes }) };
  const options = { workflowId: sweepId, taskQueue: queuesOf().workflow, args: [input] };
  const handle = await harness.client.workflow.start(sweepWorkflow, options);
  return { sweepId, handle, result: () => handle.result() as Promise<SweepResult> };
}

async function failureOf(execution: Promise<unknown>) {
  const error = await execution.catch((e: unknown) => e);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return (error as WorkflowFailedError).cause!;
}

describe('the sweep workflow', () => {
  it('tries a grid, two at a time, and publishes the best with its comparison', async () => {
    const { seen, train } = trainer();
    let published: PublishInput | undefined;
    const { sweepId, result } = await start();
    const ended = await harness.withActivities(
      { train, publish: async (input) => ((published = input), fakes.publish(input)) },
      result,
    );
    expect(ended).toMatchObject({
      sweepId,
      status: 'completed',
      best: { trial: 1, runId: `${sweepId}-t0001`, params: { 'training.learningRate': 1e-3 }, steps: TOTAL },
      counts: { completed: 7, diverged: 1, pending: 0, running: 0 },
      model: { name: 'mail', version: 3 },
      metrics: { test: { f1: 0.8 } },
    });
    expect(ended.trials.map((t) => t.trial)).toEqual([1, 0, 2, 4, 5, 6, 7, 3]);
    expect(ended.trials.at(-1)).toMatchObject({
      status: 'diverged',
      params: { 'training.learningRate': 1e3 },
    });
    expect(seen.most).toBe(2);
    expect(published).toMatchObject({
      runId: `${sweepId}-t0001`,
      spec: { training: { learningRate: 1e-3 } },
      sweep: { sweep: 'rates', strategy: 'grid', trials: 8, objective: { metric: 'f1', mode: 'max' } },
    });
    expect(published!.sweep!.rows.map((r) => r.trial)).toEqual(ended.trials.map((t) => t.trial));
    const trials: string[] = [];
    const ofSweep = { query: `TemperSweep = '${sweepId}' AND WorkflowType = 'fineTune'` };
    for (let i = 0; i < 50 && new Set(trials).size < 8; i++) {
      trials.length = 0;
      for await (const { workflowId } of harness.client.workflow.list(ofSweep)) trials.push(workflowId);
      await new Promise((done) => setTimeout(done, 100));
    }
    expect(new Set(trials)).toEqual(new Set(ended.trials.map((t) => t.runId)));
  });

  it('stops the poor ones early by successive halving, and trains the best to its end', async () => {
    const { seen, train } = trainer();
    const asked: TrainInput[] = [];
    const { sweepId, handle, result } = await start({
      strategy: 'asha',
      trials: 8,
      seed: 1,
      search: { 'training.learningRate': { min: 1e-6, max: 1e2, scale: 'log' } },
      asha: { minSteps: 10, reductionFactor: 3 },
    });
    const [ended, progress] = await harness.withActivities(
      { train: async (input) => (asked.push(input), train(input)) },
      async () => [await result(), await handle.query<SweepProgress>('progress')],
    );
    expect(ended.status).toBe('completed');
    expect(ended.counts.completed).toBe(1);
    expect(ended.counts.stopped + ended.counts.diverged).toBe(7);
    expect(ended.best).toMatchObject({ status: 'completed', steps: TOTAL });
    expect(progress).toMatchObject({
      phase: 'ended',
      status: 'completed',
      best: ended.best,
      trials: ended.trials,
    });
    expect(seen.most).toBeLessThanOrEqual(2);
    for (const { runId, steps, status } of ended.trials) {
      if (status === 'stopped') expect(steps).toBeLessThan(TOTAL);
      if (steps) expect(seen.steps.get(runId)).toBe(steps);
    }
    // The trial's own run, rung by rung with the plan of the whole, and at last as any run.
    const best = asked.filter((i) => i.runId === ended.best!.runId).map((i) => i.stopAt);
    expect(best).toEqual([{ steps: 10 }, { steps: 30 }, { steps: 90 }, undefined]);
    expect(ended.best!.runId.startsWith(`${sweepId}-t`)).toBe(true);
  });

  it('fails with the reason where every trial does', async () => {
    const { train } = trainer();
    const { handle } = await start({ search: { 'training.learningRate': { values: [10, 100] } } });
    const cause = await harness.withActivities({ train }, () => failureOf(handle.result()));
    expect(cause).toMatchObject({ type: 'LOSS_DIVERGED', nonRetryable: true });
    expect((cause as ApplicationFailure).details![0]).toMatchObject({
      status: 'failed',
      counts: { diverged: 2 },
      error: { message: expect.stringContaining('the loss is NaN') as string },
    });
  });

  it('reads the data before any trial starts: a mistake in it is told once', async () => {
    const problem = { path: 'mail.csv', message: 'no column label' };
    let trained = 0;
    const { handle } = await start();
    const cause = await harness.withActivities(
      {
        ingest: async () => {
          throw activityFailure(new TemperError('DATA_INVALID', problem), 1);
        },
        train: async (input) => (trained++, fakes.train(input)),
      },
      () => failureOf(handle.result()),
    );
    expect(cause).toMatchObject({ type: 'DATA_INVALID' });
    expect((cause as ApplicationFailure).details![0]).toMatchObject({
      error: { code: 'DATA_INVALID', problems: [problem] },
      counts: { pending: 8 },
    });
    expect(trained).toBe(0);
  });

  it('publishes nothing where the gate refuses the best', async () => {
    const { train } = trainer();
    const gate = [{ metric: 'f1', value: 0.5, rule: 'at least 0.6' }];
    const { result } = await start();
    const ended = await harness.withActivities(
      { train, evaluate: async (input) => ({ ...(await fakes.evaluate(input)), gate }) },
      result,
    );
    expect(ended).toMatchObject({ status: 'refused', error: { code: 'GATE_REFUSED' }, best: { trial: 1 } });
    expect(ended.model).toBeUndefined();
  });

  it('tells of trials that collapsed, and what is to be said of the best', async () => {
    const { train } = trainer();
    const collapsed = { name: 'collapsed', evidence: 'all 30 validation rows …' } as const;
    const fine = { name: 'fine', evidence: 'f1 0.8' } as const;
    const { result } = await start();
    const ended = await harness.withActivities(
      {
        train: async (input) => {
          const poor = input.spec.training.learningRate < 1e-5;
          return { ...(await train(input)), verdicts: [poor ? collapsed : fine] };
        },
        evaluate: async (input) => ({ ...(await fakes.evaluate(input)), verdicts: [fine] }),
      },
      result,
    );
    expect(ended).toMatchObject({ status: 'completed', verdicts: [fine] });
    expect(ended.trials.filter((t) => t.verdicts).map((t) => [t.trial, t.verdicts])).toEqual([
      [7, ['collapsed']],
    ]);
  });

  it('ends as cancelled, after its trials have stopped their work', async () => {
    let running = 0;
    let stopped = 0;
    let both!: () => void;
    const started = new Promise<void>((resolve) => (both = resolve));
    const train = async (): Promise<never> => {
      const context = Context.current();
      const beat = setInterval(() => context.heartbeat(), 50);
      if (++running === 2) both();
      try {
        return await context.cancelled;
      } finally {
        clearInterval(beat);
        stopped += 1;
      }
    };
    const { sweepId, handle } = await start();
    const [cause, progress] = await harness.withActivities({ train }, async () => {
      await started;
      await handle.cancel();
      return [await failureOf(handle.result()), await handle.query<SweepProgress>('progress')];
    });
    expect(cause).toBeInstanceOf(CancelledFailure);
    expect(stopped).toBe(2);
    expect(progress).toMatchObject({
      status: 'cancelled',
      phase: 'ended',
      counts: { running: 0, waiting: 0, cancelled: 2 },
      trials: [{ status: 'cancelled' }, { status: 'cancelled' }],
    });
    const child = await harness.client.workflow.getHandle(`${sweepId}-t0000`).describe();
    expect(child.status.name).toBe('CANCELLED');
  });

  it('counts a trial that somebody cancelled as the worst, and goes on', async () => {
    const { train } = trainer();
    let cancelled = false;
    const { sweepId, result } = await start();
    const ended = await harness.withActivities(
      {
        train: async (input) => {
          if (input.runId !== `${sweepId}-t0001` || cancelled) return train(input);
          cancelled = true;
          const context = Context.current();
          const beat = setInterval(() => context.heartbeat(), 50);
          await harness.client.workflow.getHandle(input.runId).cancel();
          return context.cancelled.finally(() => clearInterval(beat));
        },
      },
      result,
    );
    expect(ended).toMatchObject({ status: 'completed', best: { trial: 0 }, counts: { cancelled: 1 } });
  });
});
