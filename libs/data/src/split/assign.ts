import { splitNames, type SplitName } from '@temper/contracts';
import { permutation, site } from '../random.js';
import { WordColumn, type Column } from '../stages/column.js';
import { countsOf, type Fractions } from './fractions.js';

/**
 * Gives every row a split: exactly the wanted numbers in all, the classes in proportion (to within a row or so), and
 * the first row of every class in train, as long as train has rows for it. A pure function of (strata, fractions, seed).
 *
 * The rows are put in random order and then, class by class, dealt out one after another, each to the split that is
 * furthest behind its share: proportions then hold for every stretch of rows, so for every class.
 */
export function assignSplits(
  strata: Pick<Column<string>, 'length' | 'at'>,
  fractions: Fractions,
  seed: number,
): WordColumn<SplitName> {
  const rows = strata.length;
  const counts = countsOf(rows, fractions);
  const dealt = { train: 0, validation: 0, test: 0 };
  const assigned = new Uint8Array(rows);
  const classes = numbered(strata);
  // Train keeps a row for each class that is still to come.
  let classesToCome = classes.count;
  const room = (name: SplitName) => counts[name] - dealt[name] - (name === 'train' ? classesToCome : 0);
  const behind = (name: SplitName, at: number) =>
    room(name) > 0 ? (counts[name] * (at + 1)) / rows - dealt[name] : -Infinity;

  let previous = -1;
  dealingOrder(classes, seed).forEach((row, at) => {
    const opensClass = classes.of[row] !== previous;
    if (opensClass) classesToCome--;
    previous = classes.of[row]!;
    const first = opensClass && dealt.train < counts.train;
    const next = first ? 'train' : splitNames.reduce((a, b) => (behind(b, at) > behind(a, at) ? b : a));
    assigned[row] = splitNames.indexOf(next);
    dealt[next]++;
  });
  return new WordColumn(splitNames, assigned);
}

interface Classes {
  /** By row: the number of its class; classes are numbered by their first row. */
  readonly of: Int32Array;
  readonly count: number;
}

function numbered(strata: Pick<Column<string>, 'length' | 'at'>): Classes {
  const numbers = new Map<string | undefined, number>();
  const of = new Int32Array(strata.length);
  for (let row = 0; row < of.length; row++) {
    const stratum = strata.at(row);
    if (!numbers.has(stratum)) numbers.set(stratum, numbers.size);
    of[row] = numbers.get(stratum)!;
  }
  return { of, count: numbers.size };
}

/** Row numbers in random order, those of a class together. */
function dealingOrder({ of, count }: Classes, seed: number): Int32Array {
  const next = new Int32Array(count + 1);
  for (const number of of) next[number + 1]!++;
  for (let number = 0; number < count; number++) next[number + 1]! += next[number]!;
  const order = new Int32Array(of.length);
  for (const row of permutation(of.length, seed, site.split)) order[next[of[row]!]!++] = row;
  return order;
}
