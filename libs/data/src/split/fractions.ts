import { splitNames, type SplitName } from '@temper/contracts';
import { type PipelineSpec } from '@temper/spec';

export type SplitSpec = PipelineSpec['dataset']['split'];
export type Fractions = Readonly<Record<SplitName, number>>;

/**
 * What becomes of the rows of `train`: the fractions of the splits that are not given as files of their own, made to
 * add up to 1. With all three given, or a fraction of 0, nothing is taken from train.
 */
export function fractionsOfTrain(spec: SplitSpec, given: readonly SplitName[]): Fractions {
  const open = splitNames.filter((name) => name === 'train' || !given.includes(name));
  const total = open.reduce((sum, name) => sum + spec[name], 0);
  const part = (name: SplitName) => (open.includes(name) && total > 0 ? spec[name] / total : 0);
  const others = part('validation') + part('test');
  return { train: total > 0 ? 1 - others : 1, validation: part('validation'), test: part('test') };
}

/**
 * Whole numbers that add up to `rows`, as near to the fractions as can be (largest remainders first), and at least 1
 * for every fraction above 0 where there are rows enough.
 */
export function countsOf(rows: number, fractions: Fractions): Record<SplitName, number> {
  const exact = splitNames.map((name) => ({ name, value: fractions[name] * rows }));
  // 0.1 · 30 is 3.0000000000000004 in floating point, and 0.7 · 10 is 6.999…: both are whole numbers here.
  const floor = (value: number) => Math.floor(value + 1e-9);
  const counts = { train: 0, validation: 0, test: 0 };
  for (const { name, value } of exact) counts[name] = floor(value);
  const byRemainder = exact.toSorted((a, b) => b.value - floor(b.value) - (a.value - floor(a.value)));
  let left = rows - counts.train - counts.validation - counts.test;
  for (let i = 0; left > 0; i = (i + 1) % byRemainder.length) {
    const { name } = byRemainder[i]!;
    if (fractions[name] > 0) {
      counts[name]++;
      left--;
    }
  }
  const wanted = splitNames.filter((name) => fractions[name] > 0);
  for (const name of wanted) {
    const largest = wanted.reduce((a, b) => (counts[b] > counts[a] ? b : a));
    if (counts[name] === 0 && counts[largest] > 1) {
      counts[largest]--;
      counts[name]++;
    }
  }
  return counts;
}
