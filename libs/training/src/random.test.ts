import { describe, expect, it } from 'vitest';
import { dropoutMask } from './random.js';

const at = { seed: 3, step: 5, microBatch: 0, site: 2 };

describe('dropout masks', () => {
  it('depend on their place alone', () => {
    expect(dropoutMask(at, 0.9, 1001)).toEqual(dropoutMask(at, 0.9, 1001));
    for (const other of [{ seed: 4 }, { step: 6 }, { microBatch: 1 }, { site: 3 }]) {
      expect(dropoutMask({ ...at, ...other }, 0.9, 1001)).not.toEqual(dropoutMask(at, 0.9, 1001));
    }
  });

  it('keep the wanted fraction, without correlation between neighbours or places', () => {
    const n = 200_000;
    const mean = (f: (i: number) => number) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += f(i);
      return sum / n;
    };
    for (const keep of [0.5, 0.9, 0.95]) {
      const a = dropoutMask(at, keep, n + 1);
      const b = dropoutMask({ ...at, step: at.step + 1 }, keep, n + 1);
      // Five standard deviations of the mean of n draws.
      const tolerance = 5 * Math.sqrt((keep * (1 - keep)) / n);
      expect(Math.abs(mean((i) => a[i]!) - keep)).toBeLessThan(tolerance);
      expect(Math.abs(mean((i) => (a[i]! - keep) * (a[i + 1]! - keep)))).toBeLessThan(tolerance);
      expect(Math.abs(mean((i) => (a[i]! - keep) * (b[i]! - keep)))).toBeLessThan(tolerance);
    }
    expect(dropoutMask(at, 1, 100).every((bit) => bit === 1)).toBe(true);
  });
});
