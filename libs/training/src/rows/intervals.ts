/** Two-sided 95% of the standard normal distribution. */
const Z = 1.959963984540054;

export type Interval = readonly [low: number, high: number];

/**
 * Wilson's score interval (95%) of a share: `hits` of `rows` (Wilson 1927; recommended for small samples by Brown, Cai and
 * DasGupta 2001). Unlike p ± z·s it stays inside [0, 1] and is not empty where all rows are hits.
 */
export function wilson(hits: number, rows: number): Interval {
  if (rows === 0) return [0, 1];
  const share = hits / rows;
  const square = (Z * Z) / rows;
  const middle = (share + square / 2) / (1 + square);
  const half = (Z / (1 + square)) * Math.sqrt((share * (1 - share)) / rows + square / (4 * rows));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** More resamples than these change the ends of an interval by less than they are read at. */
const RESAMPLES = 1000;
const FEWEST_RESAMPLES = 200;
/** Rows drawn in all: some seconds of one core. */
const DRAWS = 2e8;

/** Sums over drawn rows, and what is made of them. */
export interface Statistic {
  reset(): void;
  add(row: number): void;
  values(): readonly number[];
}

/**
 * Percentile bootstrap (Efron and Tibshirani 1993, chapter 13): the statistic's values on resamples of the rows, each as
 * many as there are, drawn with replacement. Paired where the statistic reads several models at the same rows (Koehn 2004).
 * The draws follow from the number of rows alone, so that equal results have equal intervals.
 */
export function bootstrap(rows: number, statistic: Statistic): Interval[] {
  const resamples = Math.max(FEWEST_RESAMPLES, Math.min(RESAMPLES, Math.floor(DRAWS / rows)));
  const next = splitMix(rows);
  const samples: number[][] = [];
  for (let r = 0; r < resamples; r++) {
    statistic.reset();
    for (let i = 0; i < rows; i++) statistic.add(Math.floor(next() * rows));
    statistic.values().forEach((value, k) => (samples[k] ??= []).push(value));
  }
  return samples.map(middle95);
}

function middle95(values: number[]): Interval {
  values.sort((a, b) => a - b);
  const at = (share: number) => values[Math.round(share * (values.length - 1))]!;
  return [at(0.025), at(0.975)];
}

/** SplitMix (Steele, Lea and Flood 2014) of 32 bits with MurmurHash3's finaliser: numbers in [0, 1). */
function splitMix(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let h = state;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
  };
}
