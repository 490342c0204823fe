import { describe, expect, it } from 'vitest';
import { median, summarize } from './measurement.js';

describe('the summary of interleaved rounds', () => {
  it('takes the median of each step over the rounds, without the first two steps', () => {
    const round = (stepMs: number[], maxRssBytes: number) => ({ stepMs, losses: [2, 1], maxRssBytes });
    const rounds = [
      round([900, 900, 10, 100], 5),
      round([900, 900, 14, 300], 7),
      round([900, 900, 12, 104], 6),
    ];
    expect(summarize(rounds)).toMatchObject({
      stepMs: (12 + 104) / 2,
      maxRssBytes: 6,
      firstLoss: 2,
      lastLoss: 1,
    });
  });

  it('keeps a step even where there is only one', () => {
    expect(summarize([{ stepMs: [7], losses: [1], maxRssBytes: 1 }]).stepMs).toBe(7);
  });

  it('knows medians of odd and even numbers', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5]);
  });
});
