import { type StepMetrics } from '@temper/contracts';
import { parsePipelineSpec } from '@temper/spec';
import { describe, expect, it } from 'vitest';
import { ClassificationMetrics } from '@temper/tasks';
import { judge } from './judge.js';

const spec = parsePipelineSpec({ name: 'mail', model: { base: './m' }, dataset: { train: 'a.csv' } });
const stepsOf = (losses: readonly number[]) =>
  losses.map((loss, i): StepMetrics => ({
    step: i + 1,
    epoch: (i + 1) / losses.length,
    loss,
    learningRate: 1e-4,
    gradNorm: 1,
    tokens: 100,
    paddedTokens: 0,
    stepMs: 10,
  }));

/** A classifier of two that gives one answer to all twenty rows. */
function judged(losses: readonly number[]) {
  const metrics = new ClassificationMetrics(['ham', 'spam']);
  const logits = new Float32Array(40).map((_, i) => 1 - (i % 2));
  const labels = new Int32Array(20).map((_, i) => i % 2);
  metrics.add({ labels, counted: 20, lossSum: 60, outputs: { logits } });
  return judge({ spec, log: stepsOf(losses), test: metrics.result(), examples: { train: 160, test: 20 } });
}

describe('the setting to change', () => {
  it('is the learning rate where it threw the loss above the untouched model, though the loss still falls', () => {
    const [collapsed, underfit] = judged([0.7, ...Array.from({ length: 39 }, (_, i) => 60 - i)]);
    expect(collapsed).toMatchObject({ name: 'collapsed', change: 'training.learningRate: 0.000067' });
    expect(underfit).toMatchObject({ name: 'underfit', change: 'training.learningRate: 0.000067' });
    expect(underfit!.evidence).toMatch(/guessing by the classes' shares has 0\.6931; it began at 0\.7000$/);
  });

  it('is the steps where the loss stayed and they were few', () => {
    const [collapsed, underfit] = judged(new Array<number>(40).fill(0.69));
    expect(collapsed).toMatchObject({ name: 'collapsed', change: 'training.epochs: 15' });
    expect(underfit).toMatchObject({ name: 'underfit', change: 'training.epochs: 15' });
  });
});
