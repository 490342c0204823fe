import { describe, expect, it } from 'vitest';
import { addInto, clipCoefficient, l2Norm } from './clipping.js';

describe('clipping', () => {
  it('sums squares in float64, whatever the length', () => {
    for (const length of [0, 1, 2, 3, 4, 5, 1_000_003]) {
      const x = Float32Array.from({ length }, (_, i) => Math.fround(Math.sin(i) / 3));
      const exact = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));
      expect(Math.abs(l2Norm(x) - exact)).toBeLessThanOrEqual(1e-12 * exact);
    }
  });

  it('scales down to the largest norm, never up', () => {
    expect(clipCoefficient(4, 1)).toBeCloseTo(1 / 4.000001, 12);
    expect(clipCoefficient(0.5, 1)).toBe(1);
    expect(clipCoefficient(100, null)).toBe(1);
  });

  it('adds the gradients of a further micro-batch', () => {
    const sum = Float32Array.of(1, 2);
    addInto(sum, Float32Array.of(3, -2));
    expect([...sum]).toEqual([4, 0]);
  });
});
