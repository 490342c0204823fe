import { splitNames, type SplitName } from '@temper/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignSplits as assign } from './assign.js';
import { countsOf, fractionsOfTrain } from './fractions.js';

const spec = { train: 0.8, validation: 0.1, test: 0.1, seed: 42, stratify: true };
const fractions = { train: 0.8, validation: 0.1, test: 0.1 };
const assignSplits = (strata: readonly (string | undefined)[], shares: typeof fractions, seed: number) => {
  const splits = assign(strata, shares, seed);
  return strata.map((_, row) => splits.at(row)!);
};
const count = (splits: readonly SplitName[]) =>
  Object.fromEntries(splitNames.map((name) => [name, splits.filter((split) => split === name).length]));

describe('fractions of train', () => {
  it('are those of the splits that are not given, made to add up to 1', () => {
    expect(fractionsOfTrain(spec, ['train'])).toEqual(
      expect.objectContaining({ validation: 0.1, test: 0.1 }),
    );
    expect(fractionsOfTrain(spec, ['train', 'test']).validation).toBeCloseTo(1 / 9, 12);
    expect(fractionsOfTrain(spec, ['train', 'test']).test).toBe(0);
    expect(fractionsOfTrain(spec, ['train', 'validation']).test).toBeCloseTo(1 / 9, 12);
    expect(fractionsOfTrain(spec, [...splitNames])).toEqual({ train: 1, validation: 0, test: 0 });
    const all = { ...spec, train: 1, validation: 0, test: 0 };
    expect(fractionsOfTrain(all, ['train'])).toEqual({ train: 1, validation: 0, test: 0 });
  });

  it('become whole numbers that add up, within 1 of the share, none 0 that is wanted', () => {
    fc.assert(
      fc.property(
        fc.nat(5000),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 0, max: 50 }),
        (rows, v, t) => {
          const shares = { train: 1 - (v + t) / 200, validation: v / 200, test: t / 200 };
          const counts = countsOf(rows, shares);
          expect(counts.train + counts.validation + counts.test).toBe(rows);
          for (const name of splitNames) {
            if (rows >= 400) expect(Math.abs(counts[name] - shares[name] * rows)).toBeLessThan(1.001);
            if (rows >= 3 && shares[name] > 0) expect(counts[name]).toBeGreaterThan(0);
            if (shares[name] === 0) expect(counts[name]).toBe(0);
          }
        },
      ),
    );
    expect(countsOf(1000, fractions)).toEqual({ train: 800, validation: 100, test: 100 });
    expect(countsOf(30, fractions)).toEqual({ train: 24, validation: 3, test: 3 });
  });
});

describe('assignSplits', () => {
  it('gives exact proportions, in all and (to within two rows) in every class', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 6 }),
        fc.nat(99),
        (sizes, seed) => {
          const strata = sizes.flatMap((size, i) => new Array<string>(size).fill(`class ${i}`));
          const splits = assignSplits(strata, fractions, seed);
          expect(count(splits)).toEqual(countsOf(strata.length, fractions));
          const share = countsOf(strata.length, fractions);
          sizes.forEach((size, i) => {
            const inClass = splits.filter((_, row) => strata[row] === `class ${i}`);
            const counts = count(inClass);
            if (share.train >= sizes.length) expect(counts.train).toBeGreaterThan(0);
            for (const name of splitNames) {
              const wanted = (size * share[name]) / strata.length;
              expect(Math.abs(counts[name]! - wanted)).toBeLessThan(2.01);
            }
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keeps a row of each of many rare classes for training', () => {
    const strata = [...new Array<string>(100).fill('common'), ...'abcdefgh'];
    const splits = assignSplits(strata, fractions, 0);
    expect(splits.slice(100)).toEqual(new Array(8).fill('train'));
    expect(count(splits)).toEqual(countsOf(108, fractions));
  });

  it('follows from the seed alone, and is random', () => {
    const strata = new Array<undefined>(500).fill(undefined);
    const first = assignSplits(strata, fractions, 1);
    expect(assignSplits(strata, fractions, 1)).toEqual(first);
    const other = assignSplits(strata, fractions, 2);
    expect(other).not.toEqual(first);
    // Of 100 rows held out twice independently, 20 are expected in both.
    const both = first.filter((split, row) => split !== 'train' && other[row] !== 'train').length;
    expect(both).toBeGreaterThan(5);
    expect(both).toBeLessThan(40);
  });
});
