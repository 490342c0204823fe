import { isStep, type Metrics } from '@temper/contracts';
import type { PipelineSpecInput } from '@temper/spec';
import { RunStore } from '@temper/storage';
import { evaluateModel, train } from '@temper/training';
import { expect } from 'vitest';
import { schemaOf, type Cell } from './cells.js';
import { portsOf, type Workshop } from './workshop.js';

/** Steps of gradients alone: what an adaptive optimizer makes of the last bit of a gradient that is none would be compared, too. */
const training = {
  ...{ optimizer: 'sgd', learningRate: 0.02, scheduler: 'constant', epochs: 2, evalStrategy: 'no' },
} as const satisfies PipelineSpecInput['training'];

/** Relative: sums of floats in another order, of losses near 1 to 6 and their gradients. */
const FIRST = { loss: 1e-6, norm: 1e-5 };
/** Weights that the first step left different in the last bit go apart from step to step, a whole model's most. */
const LATER = { loss: 1e-5, norm: 5e-4 };

/** Where chance is drawn a batch, or a loss compares the examples of a batch, its size is part of what is learnt. */
export const isCutFreely = ({ method, task }: Cell): boolean =>
  !schemaOf(task).comparesExamples && !task.dropout && !method.method['dropout'];

async function trained(workshop: Workshop, cell: Cell, cut: PipelineSpecInput['training']) {
  const job = await workshop.job(cell, { ...training, ...cut });
  const { checkpoint } = await train(job, portsOf(workshop));
  const lines = await new RunStore(workshop.artifacts.store).readAll(job.runId);
  return { job, checkpoint, steps: lines.filter(isStep) };
}

/** 8×1, 4×2 and 2×4 (batch × accumulation) have the same losses and norms of gradients, the last step of an epoch too. */
export async function expectEqualSteps(workshop: Workshop, cell: Cell): Promise<void> {
  const whole = await trained(workshop, cell, { trainBatchSize: 8, gradientAccumulationSteps: 1 });
  const { length } = whole.steps;
  expect(length).toBe(cell.task.tokenize.packing ? length : 6);
  for (const trainBatchSize of [4, 2]) {
    const gradientAccumulationSteps = 8 / trainBatchSize;
    const cut = await trained(workshop, cell, { trainBatchSize, gradientAccumulationSteps });
    expect(cut.steps).toHaveLength(length);
    cut.steps.forEach(({ loss, gradNorm, tokens }, i) => {
      const { step, ...expected } = whole.steps[i]!;
      const where = `${trainBatchSize}×${gradientAccumulationSteps}, step ${step}`;
      expect(tokens, where).toBe(expected.tokens);
      const bound = i === 0 ? FIRST : LATER;
      expect(Math.abs(loss / expected.loss - 1), `loss of ${where}`).toBeLessThan(bound.loss);
      expect(Math.abs(gradNorm / expected.gradNorm - 1), `norm of ${where}`).toBeLessThan(bound.norm);
    });
  }
}

/** Every number of an evaluation, whatever `evalBatchSize` is. */
export async function expectEqualEvaluations(workshop: Workshop, cell: Cell): Promise<void> {
  const { job, checkpoint } = await trained(workshop, cell, { trainBatchSize: 8, maxSteps: 2 });
  const measured: { base: Metrics; test: Metrics }[] = [];
  for (const evalBatchSize of [8, 1, 3, 64]) {
    const spec = { ...job.spec, training: { ...job.spec.training, evalBatchSize } };
    const workFolder = `${job.workFolder}-${evalBatchSize}`;
    const asked = { ...job, kind: 'evaluate', spec, checkpoint, fresh: true, workFolder } as const;
    const { base, test } = await evaluateModel(asked, portsOf(workshop));
    measured.push({ base, test });
  }
  const [first, ...others] = measured;
  const expected = numbersIn(first);
  expect(expected.size).toBeGreaterThan(2 * schemaOf(cell.task).metrics.length - 1);
  for (const other of others) {
    const found = numbersIn(other);
    expect([...found.keys()]).toEqual([...expected.keys()]);
    for (const [name, value] of found)
      expect(Math.abs(value - expected.get(name)!), name).toBeLessThan(1e-6 * Math.max(1, Math.abs(value)));
  }
}

/** By where they are. */
function numbersIn(value: unknown, path = ''): Map<string, number> {
  if (typeof value === 'number') return new Map([[path, value]]);
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(Object.entries(value).flatMap(([key, each]) => [...numbersIn(each, `${path}/${key}`)]));
}
