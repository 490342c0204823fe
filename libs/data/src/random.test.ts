import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permutation, uniform } from './random.js';

describe('counter-based random numbers', () => {
  it('are the same for the same counters and differ with any of them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.maxSafeInteger(), { minLength: 1, maxLength: 4 }),
        fc.nat(3),
        (counters, at) => {
          const value = uniform(...counters);
          expect(uniform(...counters)).toBe(value);
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThan(1);
          const other = [...counters];
          other[at % counters.length]! ^= 1;
          if (other.some((c, i) => c !== counters[i])) expect(uniform(...other)).not.toBe(value);
        },
      ),
    );
  });

  it('fill [0, 1) evenly, also for neighbouring counters and seeds', () => {
    const bins = new Float64Array(64);
    const n = 64_000;
    for (let i = 0; i < n; i++) bins[Math.floor(uniform(i % 8, 1, i) * 64)]!++;
    // chi-square with 63 degrees of freedom: above 110 with probability 2e-4
    const chi = bins.reduce((sum, count) => sum + (count - n / 64) ** 2 / (n / 64), 0);
    expect(chi).toBeLessThan(110);
  });

  it('permute as a sort by one key each would', () => {
    for (const length of [0, 1, 2, 16, 17, 1000, 20_011]) {
      const keys = Array.from({ length }, (_, i) => uniform(7, 3, i));
      const wanted = [...keys.keys()].sort((a, b) => keys[a]! - keys[b]! || a - b);
      expect([...permutation(length, 7, 3)]).toEqual(wanted);
    }
  });

  it('permute: every number once, each first about equally often', () => {
    const firsts = new Int32Array(5);
    for (let seed = 0; seed < 2000; seed++) {
      const order = permutation(5, seed);
      expect([...order].sort()).toEqual([0, 1, 2, 3, 4]);
      firsts[order[0]!]!++;
    }
    for (const count of firsts) expect(Math.abs(count - 400)).toBeLessThan(80); // 4.5 standard deviations
  });
});
