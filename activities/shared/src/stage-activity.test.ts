import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { TemperError } from '@temper/contracts';
import { parsePipelineSpec, type StageInput, type StageOutput } from '@temper/spec';
import { describe, expect, it } from 'vitest';
import { stageActivity } from './stage-activity.js';

const spec = parsePipelineSpec({ name: 'mail', model: { base: './m' }, dataset: { train: 'a.csv' } });
const input: StageInput = { runId: 'run-1', spec };
const done: StageOutput = { cached: false, summary: 'done' };

describe('a stage as an activity', () => {
  it('answers with its attempt', async () => {
    const environment = new MockActivityEnvironment({ attempt: 3 });
    expect(
      await environment.run(
        stageActivity('ingest', async () => done),
        input,
      ),
    ).toEqual({ ...done, attempts: 3 });
  });

  it('beats while it works, with the newest details', async () => {
    const environment = new MockActivityEnvironment();
    const beats: unknown[] = [];
    const four = new Promise<void>((resolve) => {
      environment.on('heartbeat', (details) => beats.push(details) > 3 && resolve());
    });
    const work = stageActivity<StageInput, StageOutput>(
      'train',
      async (_, { report }) => {
        report({ phase: 'training', step: 7 });
        await four;
        return done;
      },
      { beat: 10 },
    );
    await environment.run(work, input);
    expect(beats.at(-1)).toEqual({ stage: 'train', phase: 'training', step: 7 });
  });

  it('beats three times in its heartbeat timeout, however seldom its worker wants to', async () => {
    const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 60 });
    const beats: unknown[] = [];
    const three = new Promise<void>((resolve) => {
      environment.on('heartbeat', (details) => beats.push(details) > 2 && resolve());
    });
    const work = stageActivity<StageInput, StageOutput>(
      'train',
      async () => {
        await three;
        return done;
      },
      { beat: 60_000 },
    );
    // A minute between two beats would be the end of this test.
    await environment.run(work, input);
    expect(beats.length).toBeGreaterThan(2);
  });

  it('passes on what it reported last, however soon it fails after', async () => {
    const environment = new MockActivityEnvironment();
    const beats: unknown[] = [];
    environment.on('heartbeat', (details) => beats.push(details));
    const failing = stageActivity('train', async (_, { report }) => {
      report({ phase: 'training' });
      report({ preemptions: 1 });
      throw new RangeError('ours');
    });
    await expect(environment.run(failing, input)).rejects.toThrow('ours');
    expect(beats.at(-1)).toEqual({ stage: 'train', phase: 'training', preemptions: 1 });
  });

  it('gives a failure its code, its problems and whether it is worth another attempt', async () => {
    const failing = (error: unknown) =>
      stageActivity('ingest', async () => {
        throw error;
      });
    const problem = { path: 'data/train.csv', message: 'no rows' };
    const mistake = await failureOf(failing(new TemperError('DATA_INVALID', problem)), 1);
    expect(mistake).toMatchObject({ type: 'DATA_INVALID', nonRetryable: true, details: [[problem], 1] });
    const fault = await failureOf(failing(new TemperError('STORE_UNAVAILABLE', 'no answer')), 2);
    expect(fault).toMatchObject({ type: 'STORE_UNAVAILABLE', nonRetryable: false });
    expect(await failureOf(failing(new RangeError('ours')), 1)).toMatchObject({
      type: 'UNKNOWN',
      nonRetryable: false,
    });
    expect(await failureOf(failing(new RangeError('ours')), 3)).toMatchObject({ nonRetryable: true });
  });

  it('does not count attempts that gave their device away as faults, and tells how many there were', async () => {
    const info = { attempt: 5, heartbeatDetails: { preemptions: 4 } };
    const environment = new MockActivityEnvironment(info);
    const output = await environment.run(
      stageActivity('train', async () => done),
      input,
    );
    expect(output).toEqual({ ...done, attempts: 5, preemptions: 4 });
    const failing = stageActivity('train', async () => {
      throw new RangeError('ours');
    });
    const failure = new MockActivityEnvironment(info).run(failing, input);
    await expect(failure).rejects.toMatchObject({ type: 'UNKNOWN', nonRetryable: false });
  });

  it('ends as cancelled when the run is cancelled, and asks for another worker when this one stops', async () => {
    const waiting = stageActivity<StageInput, StageOutput>('train', async (_, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw new TemperError('TRAINER_DIED', 'stopped');
    });
    const cancelled = new MockActivityEnvironment();
    const ended = cancelled.run(waiting, input);
    cancelled.cancel('CANCELLED', { cancelRequested: true } as never);
    await expect(ended).rejects.toBeInstanceOf(CancelledFailure);

    const stopping = new MockActivityEnvironment();
    const moved = stopping.run(waiting, input);
    stopping.cancel('WORKER_SHUTDOWN', { workerShutdown: true } as never);
    await expect(moved).rejects.toMatchObject({ type: 'WORKER_SHUTDOWN', nonRetryable: false });
  });

  it('may finish while the worker stops', async () => {
    const short = stageActivity<StageInput, StageOutput>(
      'publish',
      async (_, { signal }) => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        signal.throwIfAborted();
        return done;
      },
      { finishes: true },
    );
    const environment = new MockActivityEnvironment();
    const ended = environment.run(short, input);
    environment.cancel('WORKER_SHUTDOWN', { workerShutdown: true } as never);
    expect(await ended).toMatchObject(done);
  });
});

async function failureOf(work: (input: StageInput) => Promise<unknown>, attempt: number) {
  const error = await new MockActivityEnvironment({ attempt }).run(work, input).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ApplicationFailure);
  return error;
}
