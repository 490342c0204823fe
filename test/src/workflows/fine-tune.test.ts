import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { activityFailure } from '@temper/activity';
import { TemperError, type RunProgress, type RunResult } from '@temper/contracts';
import { parsePipelineSpec, type TrainInput } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakes, WorkflowHarness } from './harness.js';

let harness: WorkflowHarness;
beforeAll(async () => void (harness = await WorkflowHarness.start()));
afterAll(() => harness[Symbol.asyncDispose]());

const spec = parsePipelineSpec({
  name: 'mail',
  model: { base: './minilm' },
  dataset: { train: 'mail.csv' },
  evaluation: { gate: { f1: { min: 0.6 } } },
});
const newInput = () => ({ runId: `mail-${randomUUID()}`, spec });

async function failureOf(execution: Promise<unknown>) {
  const error = await execution.catch((e: unknown) => e);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return (error as WorkflowFailedError).cause!;
}

describe('the fineTune workflow', () => {
  it('goes through the five stages and answers with model, metrics and reports', async () => {
    const input = newInput();
    const handle = await harness.start(input);
    const result: RunResult = await harness.withActivities({}, () => handle.result());
    expect(result).toMatchObject({
      runId: input.runId,
      status: 'completed',
      model: { name: 'mail', version: 3, digest: `sha256:${'e'.repeat(64)}` },
      metrics: { validation: { f1: 0.9 }, test: { f1: 0.8 }, base: { f1: 0.4 } },
      artifacts: { report: 's3://temper/runs/run/report.json', metrics: 's3://temper/runs/run/metrics/' },
    });
    expect(result.stages.map((s) => [s.name, s.status, s.cached])).toEqual([
      ['ingest', 'completed', false],
      ['preprocess', 'completed', true],
      ['train', 'completed', false],
      ['evaluate', 'completed', false],
      ['publish', 'completed', false],
    ]);
    const { typedSearchAttributes } = await handle.describe();
    const attributes = Object.fromEntries(
      typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]),
    );
    expect(attributes).toMatchObject({
      TemperPipeline: 'mail',
      TemperModel: 'mail',
      TemperPool: 'cpu',
      TemperStage: 'completed',
    });
  });

  it('takes the id of the workflow where a schedule gave none', async () => {
    const id = `nightly-${randomUUID()}`;
    let trained: TrainInput | undefined;
    const train = async (input: TrainInput) => ((trained = input), fakes.train(input));
    const handle = await harness.start({ spec }, id);
    const result = await harness.withActivities({ train }, () => handle.result());
    expect(result).toMatchObject({ runId: id });
    expect(trained!.runId).toBe(id);
  });

  it('tries a stage again after a fault, and counts the attempts', async () => {
    const train = async (input: TrainInput) => {
      const { attempt } = Context.current().info;
      if (attempt < 3) throw activityFailure(new TemperError('TRAINER_DIED', 'killed'), attempt);
      return { ...(await fakes.train(input)), attempts: attempt };
    };
    const handle = await harness.start(newInput());
    const result: RunResult = await harness.withActivities({ train }, () => handle.result());
    expect(result.stages.find((s) => s.name === 'train')).toMatchObject({ status: 'completed', attempts: 3 });
  });

  it("fails at once with the problems of a user's mistake", async () => {
    const problem = { path: 'mail.csv', message: 'no column label', allowed: 'text, spam' };
    let attempts = 0;
    const ingest = async () => {
      throw activityFailure(new TemperError('DATA_INVALID', problem), ++attempts);
    };
    const handle = await harness.start(newInput());
    const [cause, progress] = await harness.withActivities({ ingest }, async () => [
      await failureOf(handle.result()),
      await handle.query<RunProgress>('progress'),
    ]);
    expect(attempts).toBe(1);
    expect(cause).toBeInstanceOf(ApplicationFailure);
    const failure = cause as ApplicationFailure;
    expect(failure).toMatchObject({ type: 'DATA_INVALID', nonRetryable: true });
    const result = failure.details![0] as RunResult;
    expect(result).toMatchObject({
      status: 'failed',
      error: { code: 'DATA_INVALID', problems: [problem], stage: 'ingest' },
    });
    expect(result.stages.map((s) => s.status)).toEqual([
      'failed',
      'skipped',
      'skipped',
      'skipped',
      'skipped',
    ]);
    expect(progress).toMatchObject({ status: 'failed', result: { status: 'failed' } });
  });

  it('publishes nothing where the gate refuses', async () => {
    let published = false;
    const handle = await harness.start(newInput());
    const result: RunResult = await harness.withActivities(
      {
        evaluate: async (input) => ({
          ...(await fakes.evaluate(input)),
          gate: [{ metric: 'f1', value: 0.5, rule: 'at least 0.6' }],
        }),
        publish: async (input) => ((published = true), fakes.publish(input)),
      },
      () => handle.result(),
    );
    expect(published).toBe(false);
    expect(result).toMatchObject({
      status: 'refused',
      metrics: { test: { f1: 0.8 } },
      error: {
        code: 'GATE_REFUSED',
        stage: 'evaluate',
        problems: [{ path: 'evaluation.gate.f1', found: '0.5', allowed: 'at least 0.6' }],
      },
    });
    expect(result.model).toBeUndefined();
    expect(result.stages.at(-1)).toMatchObject({ name: 'publish', status: 'skipped' });
  });

  it('publishes nothing where a verdict refuses, and says which, and what to change', async () => {
    const verdicts = [
      { name: 'collapsed', evidence: 'all 30 rows …', change: 'training.epochs: 9', refuses: true },
      { name: 'underfit', evidence: 'the loss …', change: 'training.epochs: 9' },
    ] as const;
    const gate = [
      { metric: 'collapsed', value: NaN, rule: 'evaluation.gate: none', verdict: verdicts[0] },
      { metric: 'f1', value: 0.5, rule: 'at least 0.6' },
    ];
    const handle = await harness.start(newInput());
    const result: RunResult = await harness.withActivities(
      { evaluate: async (input) => ({ ...(await fakes.evaluate(input)), gate, verdicts }) },
      () => handle.result(),
    );
    expect(result).toMatchObject({
      status: 'refused',
      verdicts,
      error: {
        code: 'GATE_REFUSED',
        message: 'not published: collapsed: all 30 rows …; f1 is 0.5, the gate wants at least 0.6',
        problems: [
          {
            path: 'evaluation',
            message: 'collapsed: all 30 rows …',
            hint: 'training.epochs: 9; evaluation.gate: none publishes it all the same',
          },
          { path: 'evaluation.gate.f1' },
        ],
      },
    });
  });

  it('hands the verdicts on to the model that is published', async () => {
    const verdicts = [{ name: 'fine', evidence: 'f1 0.8 on 100 test rows' }] as const;
    let told: unknown;
    const handle = await harness.start(newInput());
    const result: RunResult = await harness.withActivities(
      {
        evaluate: async (input) => ({ ...(await fakes.evaluate(input)), verdicts }),
        publish: async (input) => ((told = input.verdicts), fakes.publish(input)),
      },
      () => handle.result(),
    );
    expect(result).toMatchObject({ status: 'completed', verdicts });
    expect(told).toEqual(verdicts);
  });

  it('calls a loss that became NaN diverging', async () => {
    const problem = { path: 'training step 7', message: 'the loss is NaN at learning rate 0.01' };
    const handle = await harness.start(newInput());
    const failure = await harness.withActivities(
      {
        train: async () => {
          throw activityFailure(new TemperError('LOSS_DIVERGED', problem), 1);
        },
      },
      () => failureOf(handle.result()),
    );
    expect((failure as ApplicationFailure).details![0]).toMatchObject({
      status: 'failed',
      verdicts: [
        {
          name: 'diverging',
          evidence: 'training step 7: the loss is NaN at learning rate 0.01',
          change: 'training.learningRate: 0.00002',
        },
      ],
    });
  });

  it('ends as cancelled, after the stage has stopped its work', async () => {
    let running!: () => void;
    const started = new Promise<void>((resolve) => (running = resolve));
    let stopped = false;
    const train = async (): Promise<never> => {
      const context = Context.current();
      const beat = setInterval(() => context.heartbeat(), 50);
      running();
      try {
        return await context.cancelled;
      } finally {
        clearInterval(beat);
        stopped = true;
      }
    };
    const handle = await harness.start(newInput());
    const [cause, progress] = await harness.withActivities({ train }, async () => {
      await started;
      await handle.cancel();
      return [await failureOf(handle.result()), await handle.query<RunProgress>('progress')];
    });
    expect(cause).toBeInstanceOf(CancelledFailure);
    expect(stopped).toBe(true);
    expect(progress.status).toBe('cancelled');
    expect(progress.stages.map((s) => s.status)).toEqual([
      'completed',
      'completed',
      'cancelled',
      'skipped',
      'skipped',
    ]);
  });

  it('shows where it is while it runs', async () => {
    let release!: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    const train = async (input: TrainInput) => (await released, fakes.train(input));
    const handle = await harness.start(newInput());
    await harness.withActivities({ train }, async () => {
      const isTraining = (p: RunProgress) => p.stages.find((s) => s.name === 'train')!.status === 'running';
      let progress = await handle.query<RunProgress>('progress');
      while (!isTraining(progress)) progress = await handle.query<RunProgress>('progress');
      expect(progress).toMatchObject({ pipeline: 'mail', status: 'running' });
      expect(progress.stages[0]).toMatchObject({ status: 'completed', summary: '100 rows' });
      expect(progress.result).toBeUndefined();
      release();
      await handle.result();
    });
  });
});
