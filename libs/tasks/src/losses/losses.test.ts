import { describe, expect, it } from 'vitest';
import { lossProblems, type LossSpec } from '../schema/losses.js';
import { causalLm } from '../schema/causal-lm.js';
import { preference } from '../schema/preference.js';
import { taskDefinitions } from '../table.js';
import { binaryChance, crossEntropyChance, focalChance } from './chance.js';
import { minimisedOf } from './trained-loss.js';

const {
  'sequence-classification': texts,
  'multi-label-classification': several,
  regression,
} = taskDefinitions;
const names = ['spam', 'ham', 'never'];
const labels = Int32Array.from([0, 1, 1, 1, 1, 0, 1, 1, 1, 1]);
const weightsOf = (classWeights: LossSpec['classWeights'], of = labels) => {
  const { divisor } = minimisedOf(texts, { classWeights }, { labelNames: names, labels: of });
  return names.map((_, k) => divisor({ labels: Int32Array.of(k), counted: 1 }));
};

describe('weights of classes', () => {
  // compute_class_weight('balanced', classes=[0, 1], y=labels): 10 / (2·2), 10 / (2·8)
  it("are scikit-learn's in balance, by label, or a list; what is not said weighs 1", () => {
    expect(weightsOf('balanced')).toEqual([2.5, 0.625, 1]);
    expect(weightsOf('balanced', Int32Array.from([-100, 0, 1, -100]))).toEqual([1, 1, 1]);
    expect(weightsOf({ spam: 4 })).toEqual([4, 1, 1]);
    expect(weightsOf([1, 2, 3])).toEqual([1, 2, 3]);
  });

  it('divide by their sum; without weights by what is counted', () => {
    const batch = { labels: Int32Array.from([0, 0, 1]), counted: 3 };
    const divisorOf = (spec: LossSpec) =>
      minimisedOf(texts, spec, { labelNames: names, labels }).divisor(batch);
    expect(divisorOf({ classWeights: [1, 2, 3] })).toBe(4);
    expect(divisorOf({ labelSmoothing: 0.1 })).toBe(3);
    const flags = { labels: Float32Array.from([1, 0, 1, 1]), counted: 2 };
    const multi = minimisedOf(several, { classWeights: [3, 4] }, { labelNames: ['a', 'b'], labels });
    expect(multi.divisor(flags)).toBe(2);
  });

  it('that fit no label are refused with those that there are', () => {
    const of = (classWeights: LossSpec['classWeights']) => () =>
      minimisedOf(texts, { classWeights }, { labelNames: names, labels });
    expect(of({ spm: 2 })).toThrow(/spm.*spam, ham, never/s);
    expect(of([1, 2])).toThrow(/3 weights/);
  });
});

it('what is not asked for leaves the loss that evaluations measure', () => {
  const of = (spec: LossSpec, task = texts) => minimisedOf(task, spec, { labelNames: names, labels });
  expect(of({ loss: 'cross-entropy', labelSmoothing: 0 }).loss).toBe(texts.loss);
  expect(of({}).chance).toBeUndefined();
  expect(of({}, regression).loss).toBe(regression.loss);
});

it('a loss of another task, and settings of another loss, are refused with what is allowed', () => {
  expect(lossProblems(causalLm, { loss: 'focal' })).toMatchObject([
    { path: 'training.loss', found: 'focal', allowed: 'cross-entropy' },
  ]);
  expect(lossProblems(causalLm, { classWeights: 'balanced', labelSmoothing: 0.1 })).toMatchObject([
    { path: 'training.classWeights', allowed: 'none' },
  ]);
  expect(lossProblems(texts, { focalGamma: 1 })).toMatchObject([
    { path: 'training.focalGamma', allowed: 'with training.loss focal' },
  ]);
  expect(lossProblems(texts, { loss: 'focal', labelSmoothing: 0.1 })).toMatchObject([
    { path: 'training.labelSmoothing', allowed: 'with training.loss cross-entropy' },
  ]);
  expect(lossProblems(texts, { loss: 'focal', focalGamma: 0, classWeights: [1, 2] })).toEqual([]);
});

it('smoothing of pairs is below one half, and of DPO alone', () => {
  expect(lossProblems(preference, { labelSmoothing: 0.49 })).toEqual([]);
  expect(lossProblems(preference, { labelSmoothing: 0.5 })).toMatchObject([
    { path: 'training.labelSmoothing', found: '0.5', allowed: 'below 0.5' },
  ]);
  expect(lossProblems(preference, { loss: 'ipo', labelSmoothing: 0.1 })).toMatchObject([
    { path: 'training.labelSmoothing', allowed: 'with training.loss dpo' },
  ]);
});

describe('the loss of guessing by shares', () => {
  const shares = { support: [3, 1], rows: 4 };
  const entropy = -0.75 * Math.log(0.75) - 0.25 * Math.log(0.25);

  it('is the entropy without weights, ln K for classes in balance, and no guess is better', () => {
    expect(crossEntropyChance(undefined, 0)(shares)).toBeCloseTo(entropy, 12);
    expect(focalChance(undefined, 0)(shares)).toBeCloseTo(entropy, 12);
    expect(crossEntropyChance([2 / 3, 2], 0)(shares)).toBeCloseTo(Math.log(2), 12);
    const [w, e] = [[1, 2], 0.2] as const;
    // CrossEntropyLoss(weight, label_smoothing) of the same guess for every row.
    const lossOf = (q: readonly number[]) => {
      const of = (k: number) => -w[k]! * Math.log(q[k]!);
      const row = (y: number) => (1 - e) * of(y) + (e / 2) * (of(0) + of(1));
      return (3 * row(0) + row(1)) / (3 * w[0]! + w[1]!);
    };
    const guesses = Array.from({ length: 999 }, (_, i) => (i + 1) / 1000);
    const best = Math.min(...guesses.map((q) => lossOf([q, 1 - q])));
    const chance = crossEntropyChance(w, e)(shares);
    expect(chance).toBeLessThanOrEqual(best);
    expect(chance).toBeCloseTo(best, 5);
  });

  it('of flags is the mean entropy, moved by what presence counts', () => {
    expect(binaryChance([1, 1])(shares)).toBeCloseTo(entropy, 12);
    const lossOf = (q: number) => -5 * 0.25 * Math.log(q) - 0.75 * Math.log(1 - q);
    expect(binaryChance([5])({ support: [1], rows: 4 })).toBeCloseTo(lossOf(1.25 / 2), 12);
  });
});
