import { describe, expect, it } from 'vitest';
import { normals, philox, symmetricUniforms, uniforms } from './random.js';

describe('counter-based random numbers', () => {
  // Known answers of Random123 (kat_vectors, philox4x32 10).
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const)('is Philox 4×32-10: %j %j', (counter, key, expected) => {
    expect(philox(counter, key)).toEqual(expected);
  });

  it('depends on seed and site, not on how many numbers are asked for', () => {
    expect(uniforms(5, 1, 'a')).toEqual(uniforms(9, 1, 'a').slice(0, 5));
    expect(uniforms(4, 1, 'a')).not.toEqual(uniforms(4, 2, 'a'));
    expect(uniforms(4, 1, 'a')).not.toEqual(uniforms(4, 1, 'b'));
    expect(uniforms(4, 1, 'a')).not.toEqual(uniforms(4, 1 + 2 ** 32, 'a'));
  });

  it('has the asked mean, deviation and bounds', () => {
    const count = 20_001;
    const x = normals(count, 0.02, 3, 'weights');
    const mean = x.reduce((a, b) => a + b, 0) / count;
    const deviation = Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / count);
    expect(Math.abs(mean)).toBeLessThan((4 * 0.02) / Math.sqrt(count));
    expect(Math.abs(deviation / 0.02 - 1)).toBeLessThan(0.02);
    // 3σ tails of a normal distribution hold 0.27%.
    expect(x.filter((v) => Math.abs(v) > 0.06).length / count).toBeCloseTo(0.0027, 2);

    const u = symmetricUniforms(count, 0.5, 3, 'A');
    expect(Math.max(...u)).toBeLessThanOrEqual(0.5);
    expect(Math.max(...u)).toBeGreaterThan(0.499);
    expect(Math.min(...u)).toBeLessThan(-0.499);
  });
});
