import { median } from '../measurement.js';

/** Slower than this, in one run against the graphs of the release before, fails. Noise of a busy machine stays within 10%. */
export const MOST = 1.25;

/** Milliseconds of single runs, taken in turns. */
export interface Round {
  readonly before: readonly number[];
  readonly now: readonly number[];
}

/** How much longer it takes now: the median over the rounds of the ratio of each round's medians. */
export const ratioOf = (rounds: readonly Round[]): number =>
  median(rounds.map(({ before, now }) => median(now) / median(before)));

/** Measured once more before it fails: a burst of other work is over by then. */
export async function judge(
  measure: () => Promise<readonly Round[]>,
): Promise<{ ok: boolean; ratios: number[] }> {
  const ratios: number[] = [];
  while (ratios.length < 2) {
    const ratio = ratioOf(await measure());
    ratios.push(ratio);
    if (ratio <= MOST) return { ok: true, ratios };
  }
  return { ok: false, ratios };
}
