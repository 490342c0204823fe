import { describe, expect, it } from 'vitest';
import { halfToNumber } from '@temper/graph';
import { bfloat16ToFloat32, halvesToFloat32, shortestFloat32 } from './floats.js';

describe('half precision', () => {
  it.each([
    [0x0000, 0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x0001, 2 ** -24],
    [0x0400, 2 ** -14],
    [0x7c00, Infinity],
    [0x3555, 0.333251953125],
  ])('binary16 %i is %d', (bits, value) => {
    expect(halfToNumber(bits)).toBe(value);
    expect(halvesToFloat32(Uint16Array.of(bits))[0]).toBe(value);
  });

  it('keeps NaN and the sign of zero', () => {
    expect(halfToNumber(0x7e00)).toBeNaN();
    expect(Object.is(halfToNumber(0x8000), -0)).toBe(true);
  });

  it('bfloat16 is the upper half of a float32', () => {
    expect(bfloat16ToFloat32(Uint16Array.of(0x3f80, 0xc2f7))).toEqual(Float32Array.of(1, -123.5));
  });

  it('finds the decimal that was rounded to float32', () => {
    expect(shortestFloat32(Math.fround(1e-5))).toBe(1e-5);
    expect(shortestFloat32(Math.fround(1e-6))).toBe(1e-6);
    expect(shortestFloat32(100000)).toBe(100000);
    expect(shortestFloat32(Math.fround(0.1234567))).toBe(0.1234567);
  });
});
