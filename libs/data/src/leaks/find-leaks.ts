import type { LeakReport, LeakSample, SplitName } from '@temper/contracts';
import { textOf } from '../cleaning/content.js';
import { shortened } from '../cleaning/report.js';
import { NearMatcher } from '../near/matcher.js';
import { permutation, site } from '../random.js';
import type { RowFile } from '../stages/row-file.js';
import {
  earlierSplit,
  HeldOutRows,
  splitsOfContents,
  type HeldOutSplit,
  type RoutedContents,
} from './held-out.js';

interface FindLeaksOptions extends RoutedContents {
  readonly files: Readonly<Partial<Record<SplitName, RowFile>>>;
  readonly threshold: number;
  /** How a row is named. */
  readonly place: (split: SplitName, row: number) => string;
  /** Of the sample. */
  readonly seed: number;
  /** So many rows of validation and test are compared for near-equality. */
  readonly most?: number;
  readonly onProgress?: ((split: SplitName, done: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const MOST = 100_000;
const SAMPLES_PER_KIND = 3;

/** Where a row of validation or test was found again. */
interface Found {
  readonly of: 'train' | 'validation';
  readonly source: SplitName;
  readonly row: number;
  readonly similarity: number;
}

/**
 * Rows that splits have in common. Equal ones are all counted; for nearly equal ones the rows of validation and test (up to
 * `most`, then a seeded sample) are indexed, and all rows of the splits before them are looked up.
 */
export async function findLeaks(options: FindLeaksOptions): Promise<LeakReport> {
  const { threshold, seed, most = MOST } = options;
  const heldOut = new HeldOutRows(options);
  const splits = splitsOfContents(options);
  const exact = exactLeaks(options, heldOut, splits);
  const chosen = sampleOf(heldOut.length, most, seed);
  const near = heldOut.length ? await nearLeaks(options, heldOut, exact, chosen) : new Map<number, Found>();
  return {
    rows: heldOut.length,
    exact: exact.size,
    near: near.size,
    compared: chosen?.size ?? heldOut.length,
    threshold,
    between: between(heldOut, exact, near),
    samples: [
      ...sampled('exact', options, heldOut, exact.keys(), (at) =>
        firstEqual(options, heldOut, at, exact.get(at)!),
      ),
      ...sampled(
        'near',
        options,
        heldOut,
        [...near.keys()].sort((a, b) => a - b),
        (at) => near.get(at)!,
      ),
    ],
  };
}

/** Equal rows alone, for those who have not read the rows a second time. */
export function equalRows(options: RoutedContents): Pick<LeakReport, 'between' | 'rows' | 'compared'> {
  const heldOut = new HeldOutRows(options);
  const exact = exactLeaks(options, heldOut, splitsOfContents(options));
  return { rows: heldOut.length, compared: heldOut.length, between: between(heldOut, exact, new Map()) };
}

/** By the number of the row in `heldOut`: the split before its own that has an equal one. */
function exactLeaks({ contents }: RoutedContents, heldOut: HeldOutRows, splits: Uint8Array) {
  const found = new Map<number, 'train' | 'validation'>();
  for (let at = 0; at < heldOut.length; at++) {
    const content = contents(heldOut.source(at))[heldOut.row(at) - 1]!;
    const of = earlierSplit(splits[content]!, heldOut.split(at));
    if (of) found.set(at, of);
  }
  return found;
}

/** Undefined: all of them. */
function sampleOf(length: number, most: number, seed: number): ReadonlySet<number> | undefined {
  return length > most ? new Set(permutation(length, seed, site.leakSample).subarray(0, most)) : undefined;
}

async function nearLeaks(
  options: FindLeaksOptions,
  heldOut: HeldOutRows,
  exact: ReadonlyMap<number, unknown>,
  chosen: ReadonlySet<number> | undefined,
): Promise<Map<number, Found>> {
  const { files, to, threshold } = options;
  const indexed: number[] = [];
  const matcher = new NearMatcher(threshold, (number) => {
    const at = indexed[number]!;
    return files[heldOut.source(at)]!.read(heldOut.row(at));
  });
  // The rows of heldOut are in the order of the files.
  let at = 0;
  for await (const { source, first, examples } of chunksWith(['validation', 'test'], options)) {
    examples.forEach((example, i) => {
      if (at === heldOut.length || heldOut.source(at) !== source || heldOut.row(at) !== first + i) return;
      if (!exact.has(at) && (!chosen || chosen.has(at))) {
        matcher.read(example).add();
        indexed.push(at);
      }
      at++;
    });
  }
  const found = new Map<number, Found>();
  if (!indexed.length) return found;
  for await (const { source, first, examples } of chunksWith(['train', 'validation'], options)) {
    examples.forEach((example, i) => {
      const of = to[source].at(first + i - 1);
      if (of !== 'train' && of !== 'validation') return;
      const isNews = (number: number) => {
        const known = found.get(indexed[number]!)?.of;
        if (of === 'train') return known !== 'train';
        return !known && heldOut.split(indexed[number]!) === 'test';
      };
      for (const { number, similarity } of matcher.read(example).matches(isNews)) {
        found.set(indexed[number]!, { of, source, row: first + i, similarity });
      }
    });
  }
  return found;
}

/** The sources that have rows of these splits, chunk by chunk; `first` is the number of the chunk's first row. */
async function* chunksWith(splits: readonly SplitName[], options: FindLeaksOptions) {
  const { given, to, files, signal, onProgress } = options;
  for (const source of given) {
    if (!to[source].some((split) => split !== undefined && splits.includes(split))) continue;
    let first = 1;
    for await (const examples of files[source]!.chunks()) {
      signal?.throwIfAborted();
      yield { source, first, examples };
      first += examples.length;
      onProgress?.(source, first - 1);
    }
  }
}

/** The first row of the split `of` that has the content of a row of `heldOut`. */
function firstEqual(
  { given, to, contents }: FindLeaksOptions,
  heldOut: HeldOutRows,
  at: number,
  of: 'train' | 'validation',
): Found {
  const content = contents(heldOut.source(at))[heldOut.row(at) - 1];
  for (const source of given) {
    const row = contents(source).findIndex((other, i) => other === content && to[source].at(i) === of);
    if (row >= 0) return { of, source, row: row + 1, similarity: 1 };
  }
  throw new RangeError('a content that two splits have is in none of them');
}

function sampled(
  kind: LeakSample['kind'],
  { files, place }: FindLeaksOptions,
  heldOut: HeldOutRows,
  leaks: Iterable<number>,
  foundOf: (at: number) => Found,
): LeakSample[] {
  const samples: LeakSample[] = [];
  for (const at of leaks) {
    if (samples.length === SAMPLES_PER_KIND) break;
    const { of, source, row, similarity } = foundOf(at);
    const own = { source: heldOut.source(at), row: heldOut.row(at) };
    samples.push({
      kind,
      split: heldOut.split(at),
      row: place(own.source, own.row),
      of,
      ofRow: place(source, row),
      similarity: Math.round(similarity * 1e4) / 1e4,
      text: shortened(textOf(files[own.source]!.read(own.row))),
    });
  }
  return samples;
}

function between(
  heldOut: HeldOutRows,
  exact: ReadonlyMap<number, 'train' | 'validation'>,
  near: ReadonlyMap<number, Found>,
): LeakReport['between'] {
  const rows = { validation: 0, test: 0 };
  for (let at = 0; at < heldOut.length; at++) rows[heldOut.split(at)]++;
  const count = (split: HeldOutSplit, of: string, ofLeaks: Iterable<[number, string]>) => {
    let n = 0;
    for (const [at, found] of ofLeaks) if (found === of && heldOut.split(at) === split) n++;
    return n;
  };
  const nearOf = [...near].map(([at, { of }]) => [at, of] as [number, string]);
  return (
    [
      ['validation', 'train'],
      ['test', 'train'],
      ['test', 'validation'],
    ] as const
  )
    .map(([split, of]) => ({
      split,
      of,
      rows: rows[split],
      exact: count(split, of, exact),
      near: count(split, of, nearOf),
    }))
    .filter((pair) => pair.exact || pair.near);
}
