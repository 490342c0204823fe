import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PipelineSpecInput } from '@temper/spec';
import { RunStore } from '@temper/storage';
import { train, type TrainResult } from '@temper/training';
import { runTrainer, type TrainJob } from '@temper/training/trainer-process';
import { trainerProgram } from '@temper/activity-device';
import { expect } from 'vitest';
import { PLAN, type Death } from '../faults/plan.js';
import type { Cell } from './cells.js';
import { portsOf, type Workshop } from './workshop.js';

// 21 rows by 4, two batches a step: three steps an epoch, the third of five rows; of packed rows fewer.
const training = {
  ...{ maxSteps: 6, trainBatchSize: 4, gradientAccumulationSteps: 2, learningRate: 1e-3, warmupSteps: 1 },
  ...{ saveSteps: 2, evalStrategy: 'steps', evalSteps: 2, evalBatchSize: 4 },
} as const satisfies PipelineSpecInput['training'];

/** In the first step, in the middle of an epoch, in evaluations, in checkpoints, in the last step and after it. */
export const everywhere: readonly Death[] = [
  { at: 'step', step: 1, when: 'before' },
  { at: 'micro', step: 2, micro: 1 },
  { at: 'evaluation', batch: 2 },
  { at: 'save', step: 2, puts: 2 },
  { at: 'step', step: 3, when: 'after' },
  { at: 'save', step: 4, puts: 5 },
  { at: 'step', step: 6, when: 'before' },
  { at: 'save', step: 6, puts: 1 },
];

/** What is in few of them and yet all that has a state of its own: a step of an epoch, an evaluation, a checkpoint. */
export const thrice: readonly Death[] = [
  { at: 'micro', step: 2, micro: 2 },
  { at: 'evaluation', batch: 2 },
  { at: 'save', step: 4, puts: 5 },
];

const entry = join(import.meta.dirname, '..', '..', 'dist', 'faults', 'faulty-trainer.js');

/** The trainer's process as a worker starts it, killed in each of these places: weights, optimizer and lines of the run without them. */
export async function expectSameDigests(
  workshop: Workshop,
  cell: Cell,
  env: Readonly<Record<string, string>>,
  {
    deaths,
    ...more
  }: { readonly deaths: readonly Death[]; readonly training?: PipelineSpecInput['training'] },
): Promise<void> {
  const settings = { ...training, ...more.training, seed: seedOf(cell, more.training) };
  const job = await workshop.job(cell, settings);
  const plan = `${job.workFolder}-plan.json`;
  await writeFile(plan, JSON.stringify({ deaths }));
  for (let attempt = 1; attempt <= deaths.length; attempt++) {
    const dead = runTrainer({ ...job, attempt }, { entry, env: { ...env, [PLAN]: plan } });
    await expect(dead).rejects.toMatchObject({ code: 'TRAINER_DIED' });
    const log = (await readFile(`${plan}.log`, 'utf8')).trimEnd().split('\n');
    expect(log.filter((line) => line.includes('died'))).toHaveLength(attempt);
  }
  const result = await runTrainer({ ...job, attempt: deaths.length + 1 }, { entry: trainerProgram(), env });
  const disturbed = await known(workshop, job, result);
  // Later, in the same store: what is stored already is not written, and these deaths count writes.
  const whole = await workshop.job(cell, settings);
  expect(disturbed).toEqual(await known(workshop, whole, await train(whole, portsOf(workshop))));
}

/** One of its own for each: what another has stored already is not written again, and some deaths count writes. */
function seedOf(cell: Cell, settings: PipelineSpecInput['training']): number {
  const text = JSON.stringify([cell.name, settings]);
  return createHash('sha256').update(text).digest().readUInt16BE();
}

async function known(workshop: Workshop, { runId }: TrainJob, result: TrainResult) {
  const lines = await new RunStore(workshop.artifacts.store).readAll(runId);
  const { steps, validation } = result;
  const timeless = lines.map((line) => ({ ...line, stepMs: 0 }));
  return { digests: await workshop.digests(result), lines: timeless, steps, validation };
}
