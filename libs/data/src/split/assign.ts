import { splitNames, type SplitName } from '@temper/contracts';
import { permutation, site } from '../random.js';
import { countsOf, type Fractions } from './fractions.js';

/**
 * Gives every row a split: exactly the wanted numbers in all, the classes in proportion (to within a row or so), and
 * the first row of every class in train, as long as train has rows for it. A pure function of (strata, fractions, seed).
 *
 * The rows are put in random order and then, class by class, dealt out one after another, each to the split that is
 * furthest behind its share: proportions then hold for every stretch of rows, so for every class.
 */
export function assignSplits(
  strata: readonly (string | undefined)[],
  fractions: Fractions,
  seed: number,
): SplitName[] {
  const rows = strata.length;
  const counts = countsOf(rows, fractions);
  const dealt = { train: 0, validation: 0, test: 0 };
  const assigned = new Array<SplitName>(rows).fill('train');
  // Train keeps a row for each class that is still to come.
  let classesToCome = new Set(strata).size;
  const room = (name: SplitName) => counts[name] - dealt[name] - (name === 'train' ? classesToCome : 0);
  const behind = (name: SplitName, at: number) =>
    room(name) > 0 ? (counts[name] * (at + 1)) / rows - dealt[name] : -Infinity;

  let previous: string | undefined | null = null;
  dealingOrder(strata, seed).forEach((row, at) => {
    const opensClass = strata[row] !== previous;
    if (opensClass) classesToCome--;
    previous = strata[row];
    const first = opensClass && dealt.train < counts.train;
    const next = first ? 'train' : splitNames.reduce((a, b) => (behind(b, at) > behind(a, at) ? b : a));
    assigned[row] = next;
    dealt[next]++;
  });
  return assigned;
}

/** Row numbers in random order, those of a class together (classes by their first row). */
function dealingOrder(strata: readonly (string | undefined)[], seed: number): number[] {
  const classes = new Map<string | undefined, number[]>(strata.map((stratum) => [stratum, []]));
  for (const row of permutation(strata.length, seed, site.split)) classes.get(strata[row])!.push(row);
  return [...classes.values()].flat();
}
