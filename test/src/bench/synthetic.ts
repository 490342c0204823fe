import type { TokenRow } from '../parity/golden.js';

/** mulberry32: a small generator with a 32-bit state, uniform in [0, 1). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** xorshift32: whole numbers below a bound, the same ones every time. */
export function wholeNumbers(): (below: number) => number {
  let state = 2463534242;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Lengths of short texts in tokens: log-normal with median 28, as messages and reviews are, at most `longest`. */
export function shortTextLengths(count: number, longest: number): number[] {
  const random = generator(7);
  return Array.from({ length: count }, () => {
    // Box–Muller
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.min(longest, Math.max(4, Math.round(28 * Math.exp(0.5 * normal))));
  });
}

/** Random tokens; the time of a step does not depend on which they are. Every label counts. */
export function randomRows(options: {
  readonly seed: number;
  readonly lengths: readonly number[];
  readonly vocabulary: number;
  readonly classes?: number;
}): TokenRow[] {
  const random = generator(options.seed);
  return options.lengths.map((length) => {
    const ids = Array.from({ length }, () => 1000 + Math.floor(random() * (options.vocabulary - 1000)));
    const labels = options.classes ? Math.floor(random() * options.classes) : ids;
    return { input_ids: ids, labels };
  });
}
