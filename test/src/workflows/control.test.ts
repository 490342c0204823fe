import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { activityFailure } from '@temper/activity';
import {
  TemperError,
  type ControlAnswer,
  type ControlUpdate,
  type RunProgress,
  type RunResult,
  type StageName,
} from '@temper/contracts';
import {
  parsePipelineSpec,
  type EvaluateInput,
  type IngestInput,
  type PublishInput,
  type StageInput,
  type TrainInput,
} from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Runs } from '@temper/client/runs';
import { fakes, WorkflowHarness } from './harness.js';

let harness: WorkflowHarness;
beforeAll(async () => void (harness = await WorkflowHarness.start()));
afterAll(() => harness[Symbol.asyncDispose]());

const spec = parsePipelineSpec({ name: 'mail', model: { base: './minilm' }, dataset: { train: 'mail.csv' } });
const approvedSpec = { ...spec, publish: { ...spec.publish, approval: true } };
const newInput = () => ({ runId: `mail-${randomUUID()}`, spec });

const ask = (handle: WorkflowHandle, update: ControlUpdate, input: object) =>
  handle.executeUpdate<ControlAnswer, [object]>(update, { args: [input] });

async function refusalOf(asked: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await asked.catch((e: unknown) => e);
  expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
  expect((error as Error).cause).toBeInstanceOf(ApplicationFailure);
  return (error as Error).cause as ApplicationFailure;
}

const progressOf = (handle: WorkflowHandle) => handle.query<RunProgress>('progress');

async function until(handle: WorkflowHandle, isSo: (progress: RunProgress) => boolean): Promise<RunProgress> {
  for (;;) {
    const progress = await progressOf(handle);
    if (isSo(progress)) return progress;
    await sleep(20);
  }
}
const isRunning = (stage: StageName) => (progress: RunProgress) =>
  progress.stages.find((s) => s.name === stage)!.status === 'running';

const stageAttribute = async (handle: WorkflowHandle) =>
  (await handle.describe()).typedSearchAttributes.getAll().find(({ key }) => key.name === 'TemperStage')
    ?.value;

/** Trains until it is cancelled, except in the last of so many times. */
function interruptible(times: number, onCancel: () => void = () => undefined) {
  const seen: TrainInput[] = [];
  const train = async (input: TrainInput) => {
    seen.push(input);
    if (seen.length >= times) {
      const changes = input.changes?.map((change, i) => ({ ...change, step: 10 * (i + 1) }));
      return { ...(await fakes.train(input)), ...(changes ? { changes } : {}) };
    }
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat(), 50);
    try {
      return await context.cancelled;
    } finally {
      clearInterval(beat);
      onCancel();
    }
  };
  return { seen, train };
}

/** A stage that lasts until it is released. */
function held<I extends StageInput, O>(work: (input: I) => Promise<O>) {
  let release!: () => void;
  const released = new Promise<void>((resolve) => (release = resolve));
  return { stage: async (input: I) => (await released, work(input)), release: () => release() };
}

/** Milliseconds; longer than the rest of a test. */
const PAUSE = 3_000;

describe('pause and resume', () => {
  it('interrupt training, answer when its device is free, and train again', async () => {
    let stopped = false;
    const { seen, train } = interruptible(2, () => (stopped = true));
    const handle = await harness.start(newInput());
    const result = await harness.withActivities({ train }, async () => {
      await until(handle, isRunning('train'));
      await until(handle, () => seen.length === 1);
      const answer = await ask(handle, 'pause', { by: 'ann', note: 'the machine is needed' });
      expect(answer).toMatchObject({
        status: 'paused',
        message: expect.stringContaining('device is free') as string,
      });
      expect(stopped).toBe(true);
      const progress = await progressOf(handle);
      expect(progress).toMatchObject({
        status: 'paused',
        pause: { by: 'ann', note: 'the machine is needed' },
      });
      expect(progress.stages[2]).toMatchObject({
        status: 'pending',
        summary: 'paused by ann: the machine is needed',
      });
      expect(await stageAttribute(handle)).toBe('paused');

      const refused = await refusalOf(ask(handle, 'pause', { by: 'bob' }));
      expect(refused).toMatchObject({
        type: 'CONTROL_REFUSED',
        message: 'the run is paused already, by ann',
      });
      expect(seen).toHaveLength(1);
      await sleep(PAUSE);
      expect(await ask(handle, 'resume', { by: 'bob' })).toMatchObject({ runId: progress.runId });
      return (await handle.result()) as RunResult;
    });
    expect(result.status).toBe('completed');
    // What a stage took is what it worked.
    expect(result.stages[2]!.seconds).toBeLessThan(PAUSE / 1000);
    expect(seen).toHaveLength(2);
    expect(seen[1]!.changes).toBeUndefined();
    expect(result.changes).toBeUndefined();
  });

  it('take effect after a stage that is not training', async () => {
    const ingest = held((input: IngestInput) => fakes.ingest(input));
    const handle = await harness.start(newInput());
    await harness.withActivities({ ingest: ingest.stage }, async () => {
      await until(handle, isRunning('ingest'));
      const answer = await ask(handle, 'pause', { by: 'ann' });
      expect(answer).toMatchObject({
        status: 'running',
        message: expect.stringContaining('ingest') as string,
      });
      ingest.release();
      const progress = await until(handle, ({ status }) => status === 'paused');
      expect(progress.stages.map((s) => s.status).slice(0, 2)).toEqual(['completed', 'pending']);
      await ask(handle, 'resume', { by: 'ann' });
      expect(await handle.result()).toMatchObject({ status: 'completed' });
    });
  });

  it('are refused without a name, and where there is nothing to resume or to pause', async () => {
    const publish = held((input: PublishInput) => fakes.publish(input));
    const handle = await harness.start(newInput());
    await harness.withActivities({ publish: publish.stage }, async () => {
      await until(handle, isRunning('publish'));
      const refuse = async (update: ControlUpdate, input: object) =>
        (await refusalOf(ask(handle, update, input))).message;
      expect(await refuse('resume', { by: 'ann' })).toBe('the run is not paused');
      expect(await refuse('pause', { by: 'ann' })).toContain('last stage');
      expect(await refuse('pause', { by: ' ' })).toContain('name of who asks');
      expect(await refuse('change', { by: 'ann', stop: true })).toContain('training is over');
      expect(await refuse('approve', { by: 'ann' })).toContain('publish.approval');
      publish.release();
      await handle.result();
    });
  });

  it('outlive a trainer that dies instead of answering, but no mistake', async () => {
    const died = activityFailure(new TemperError('TRAINER_DIED', 'killed'), 1);
    let trained = 0;
    const train = async (input: TrainInput) => {
      if (++trained > 1) return fakes.train(input);
      const context = Context.current();
      const beat = setInterval(() => context.heartbeat(), 50);
      await context.cancelled.catch(() => undefined);
      clearInterval(beat);
      throw died;
    };
    const handle = await harness.start(newInput());
    await harness.withActivities({ train }, async () => {
      await until(handle, () => trained === 1);
      await ask(handle, 'pause', { by: 'ann' });
      await ask(handle, 'resume', { by: 'ann' });
      expect(await handle.result()).toMatchObject({ status: 'completed' });
    });
  });

  it('leave a paused run to be cancelled', async () => {
    const { seen, train } = interruptible(2);
    const handle = await harness.start(newInput());
    await harness.withActivities({ train }, async () => {
      await until(handle, () => seen.length === 1);
      await ask(handle, 'pause', { by: 'ann' });
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow();
      expect(await progressOf(handle)).toMatchObject({ status: 'cancelled' });
    });
  });
});

describe('a change of settings', () => {
  it('interrupts training, which gets all changes so far', async () => {
    const { seen, train } = interruptible(3);
    const handle = await harness.start(newInput());
    const result = await harness.withActivities({ train }, async () => {
      await until(handle, () => seen.length === 1);
      const answer = await ask(handle, 'change', { by: 'ann', learningRate: 1e-5, note: 'too fast' });
      expect(answer.message).toContain('learningRate 0.00001');
      await until(handle, () => seen.length === 2);
      await ask(handle, 'change', { by: 'bob', stop: true });
      return (await handle.result()) as RunResult;
    });
    expect(seen.map(({ changes }) => changes?.length ?? 0)).toEqual([0, 1, 2]);
    expect(seen[2]!.changes![0]).toEqual(seen[1]!.changes![0]);
    expect(result.changes).toMatchObject([
      { by: 'ann', note: 'too fast', learningRate: 1e-5, step: 10 },
      { by: 'bob', stop: true, step: 20 },
    ]);
  });

  it('has the rules of the spec', async () => {
    const { seen, train } = interruptible(2);
    const handle = await harness.start(newInput());
    await harness.withActivities({ train }, async () => {
      await until(handle, () => seen.length === 1);
      const refuse = async (input: object) => {
        const failure = await refusalOf(ask(handle, 'change', { by: 'ann', ...input }));
        expect(failure.type).toBe('SPEC_INVALID');
        return failure.details![0];
      };
      expect(await refuse({ learningRate: -1 })).toMatchObject([
        { path: 'training.learningRate', found: '-1' },
      ]);
      expect(await refuse({ evalStrategy: 'sometimes', evalSteps: 0 })).toMatchObject([
        { path: 'training.evalStrategy', allowed: 'no, epoch, steps' },
        { path: 'training.evalSteps' },
      ]);
      expect(await refuse({})).toMatchObject([{ message: 'nothing is changed' }]);
      expect((await progressOf(handle)).changes).toBeUndefined();
      expect(seen).toHaveLength(1);
      await ask(handle, 'change', { by: 'ann', stop: true });
      await handle.result();
    });
  });

  it('waits for a paused run to go on, and tells of one that came too late', async () => {
    const { seen, train } = interruptible(2);
    const handle = await harness.start(newInput());
    const late = async (input: TrainInput) => {
      const { changes: _, ...output } = (await train(input)) as Awaited<ReturnType<typeof fakes.train>>;
      return output;
    };
    const result = await harness.withActivities({ train: late }, async () => {
      await until(handle, () => seen.length === 1);
      await ask(handle, 'pause', { by: 'ann' });
      await ask(handle, 'change', { by: 'ann', learningRate: 1e-5 });
      expect((await progressOf(handle)).status).toBe('paused');
      await ask(handle, 'resume', { by: 'ann' });
      return (await handle.result()) as RunResult;
    });
    expect(seen[1]!.changes).toMatchObject([{ learningRate: 1e-5 }]);
    expect(result.changes).toMatchObject([{ learningRate: 1e-5 }]);
    expect(result.changes![0]).not.toHaveProperty('step');
  });

  it('outlives a failure: a retry hands it to training, unless that begins anew', async () => {
    const { seen, train } = interruptible(2);
    const failing = async (input: TrainInput) => {
      const output = await train(input);
      if (seen.length > 2) return output;
      throw activityFailure(new TemperError('DATA_INVALID', 'the rows are gone'), 1);
    };
    const runs = new Runs(harness.client, harness.environment.connection);
    const input = newInput();
    const handle = await harness.start(input);
    await harness.withActivities({ train: failing }, async () => {
      await until(handle, () => seen.length === 1);
      await ask(handle, 'change', { by: 'ann', learningRate: 1e-5 });
      await expect(handle.result()).rejects.toThrow();
      const ended = async () => (await harness.client.workflow.getHandle(input.runId).result()) as RunResult;
      await runs.retry(input.runId);
      expect((await ended()).changes).toMatchObject([{ by: 'ann', learningRate: 1e-5, step: 10 }]);
      await runs.retry(input.runId, { from: 'evaluate' });
      expect((await ended()).changes).toHaveLength(1);
      await runs.retry(input.runId, { from: 'train' });
      expect((await ended()).changes).toBeUndefined();
    });
    expect(seen.map(({ changes }) => changes?.map(({ id }) => id))).toEqual([
      undefined,
      ...new Array<unknown>(3).fill([seen[1]!.changes![0]!.id]),
      undefined,
    ]);
  });
});

describe('approval', () => {
  async function decide(update: 'approve' | 'reject') {
    const published: PublishInput[] = [];
    const publish = async (input: PublishInput) => (published.push(input), fakes.publish(input));
    const handle = await harness.start({ ...newInput(), spec: approvedSpec });
    const result = await harness.withActivities({ publish }, async () => {
      await until(handle, ({ status }) => status === 'awaiting-approval');
      expect(await stageAttribute(handle)).toBe('awaiting-approval');
      expect(published).toEqual([]);
      await ask(handle, update, { by: 'eve', comment: 'seen the\n confusion matrix' });
      return (await handle.result()) as RunResult;
    });
    return { result, published };
  }

  it('lets the run publish, and says who gave it', async () => {
    const { result, published } = await decide('approve');
    const approval = { decision: 'approved', by: 'eve', comment: 'seen the confusion matrix' };
    expect(result).toMatchObject({ status: 'completed', approval });
    expect(published).toMatchObject([{ approval }]);
  });

  it('ends the run as refused where it is denied', async () => {
    const { result, published } = await decide('reject');
    expect(published).toEqual([]);
    expect(result).toMatchObject({
      status: 'refused',
      approval: { decision: 'rejected', by: 'eve' },
      error: { code: 'APPROVAL_REJECTED', message: expect.stringContaining('eve: seen the') as string },
    });
    expect(result.stages.at(-1)).toMatchObject({ name: 'publish', status: 'skipped' });
  });

  it('is refused before the evaluation', async () => {
    const evaluate = held((input: EvaluateInput) => fakes.evaluate(input));
    const handle = await harness.start({ ...newInput(), spec: approvedSpec });
    await harness.withActivities({ evaluate: evaluate.stage }, async () => {
      await until(handle, isRunning('evaluate'));
      expect((await refusalOf(ask(handle, 'approve', { by: 'ann' }))).message).toContain('not as far yet');
      evaluate.release();
      await until(handle, ({ status }) => status === 'awaiting-approval');
      await ask(handle, 'approve', { by: 'ann' });
      await handle.result();
    });
  });
});

describe('a run started again from a stage', () => {
  it('does that stage and all after it fresh, and trains anew where its number is higher', async () => {
    const seen: Record<string, StageInput & { training?: number | undefined }> = {};
    const seeing =
      <I extends StageInput, O>(name: string, work: (input: I) => Promise<O>) =>
      (input: I) => ((seen[name] = input), work(input));
    const handle = await harness.start({ ...newInput(), from: 'train', training: 2 });
    await harness.withActivities(
      {
        ingest: seeing('ingest', fakes.ingest),
        preprocess: seeing('preprocess', fakes.preprocess),
        train: seeing('train', fakes.train),
        evaluate: seeing('evaluate', fakes.evaluate),
        publish: seeing('publish', fakes.publish),
      },
      () => handle.result(),
    );
    expect(Object.entries(seen).map(([name, { fresh }]) => [name, fresh === true])).toEqual([
      ['ingest', false],
      ['preprocess', false],
      ['train', true],
      ['evaluate', true],
      ['publish', true],
    ]);
    expect(seen.train!.training).toBe(2);
  });
});
