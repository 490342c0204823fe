import type { RunResult, StepMetrics } from '@temper/contracts';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from './memory-store.js';
import { RunStore } from './run-store.js';

const line = (step: number, loss: number): StepMetrics => ({
  ...{ step, loss, epoch: 0, learningRate: 1e-5, gradNorm: 1, tokens: 10, paddedTokens: 0, stepMs: 5 },
});

describe('the metrics of a run', () => {
  it('are one log in the order of steps, evaluations after the step they follow', async () => {
    const runs = new RunStore(new MemoryStore());
    await runs.putLines('r1', 2, [line(2, 0.8), { step: 2, split: 'validation', loss: 0.9, f1: 0.5 }]);
    await runs.putLines('r1', 1, [line(1, 0.9)]);
    await runs.putLines('r2', 1, [line(1, 7)]);
    expect((await runs.readAll('r1')).map((l) => [l.step, 'split' in l, l.loss])).toEqual([
      [1, false, 0.9],
      [2, false, 0.8],
      [2, true, 0.9],
    ]);
  });

  it('take the lines of the newest attempt for a step that was done again', async () => {
    const runs = new RunStore(new MemoryStore());
    await runs.putLines('r', 2, [line(2, 22), line(3, 23)], { attempt: 2 });
    // A late piece of the attempt that was killed.
    await runs.putLines('r', 1, [line(1, 11), line(2, 12)], { attempt: 1 });
    expect((await runs.readAll('r')).map((l) => l.loss)).toEqual([11, 22, 23]);
  });

  it('forget what was logged after the checkpoint that a later attempt goes on from', async () => {
    const runs = new RunStore(new MemoryStore());
    await runs.putLines('r', 1, [line(1, 11), line(2, 12), line(3, 13)], { attempt: 1 });
    await runs.rewind('r', 1, 2);
    await runs.putLines('r', 2, [line(2, 22)], { attempt: 2 });
    // A late piece of the attempt that was thought dead.
    await runs.putLines('r', 4, [line(4, 14)], { attempt: 1 });
    expect((await runs.readAll('r')).map((l) => l.loss)).toEqual([11, 22]);
  });

  it('close into one file', async () => {
    const store = new MemoryStore();
    const runs = new RunStore(store);
    await runs.putLines('r', 1, [line(1, 0.5)]);
    expect(await runs.closeMetrics('r')).toBe('s3://temper/runs/r/metrics.jsonl');
    const text = Buffer.from((await runs.readFile('r', 'metrics.jsonl'))!).toString();
    expect(
      text
        .trim()
        .split('\n')
        .map((l) => JSON.parse(l)),
    ).toEqual([line(1, 0.5)]);
  });
});

it('the checkpoints of a run are those of its newest training, one a step', async () => {
  const runs = new RunStore(new MemoryStore());
  const entry = (step: number, digit: string, training = 0) => ({
    ...{ step, training, loss: step },
    checkpoint: { kind: 'checkpoint', digest: `sha256:${digit}`, uri: digit } as const,
  });
  await runs.putCheckpoint('r', entry(10, 'a'), 1);
  await runs.putCheckpoint('r', entry(20, 'b'), 1);
  await runs.putCheckpoint('r', entry(20, 'c'), 2);
  expect((await runs.checkpoints('r')).map((e) => e.checkpoint.uri)).toEqual(['a', 'c']);
  await runs.putCheckpoint('r', entry(5, 'd', 1), 3);
  expect((await runs.checkpoints('r')).map((e) => e.step)).toEqual([5]);
  expect(await runs.checkpoints('other')).toEqual([]);
});

it('the result of a run is there when it is finished', async () => {
  const runs = new RunStore(new MemoryStore());
  expect(await runs.result('r')).toBeUndefined();
  const result: RunResult = { runId: 'r', status: 'completed', metrics: {}, stages: [], artifacts: {} };
  await runs.putResult(result);
  expect(await runs.result('r')).toEqual(result);
});
