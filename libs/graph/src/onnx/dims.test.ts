import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { broadcastShapes, dimProduct, dimQuotient, dimSum, normalizeDim } from './dims.js';
import type { Dim } from './types.js';

const symbols = { batch: 3, sequence: 7, counted: 5 };
type SymbolName = keyof typeof symbols;
const dim: fc.Arbitrary<Dim> = fc.oneof(
  fc.integer({ min: 1, max: 9 }),
  fc.constantFrom<Dim>('batch', 'sequence', 'counted', 'sequence+16', '2*batch', 'batch*sequence-3'),
);

/** The number that a dimension stands for. */
const valueOf = (d: Dim): number =>
  typeof d === 'number'
    ? d
    : [...d.matchAll(/([+-]?)([^+-]+)/g)].reduce((sum, [, sign, term]) => {
        const factors = term!.split('*').map((f) => symbols[f as SymbolName] ?? Number(f));
        return sum + (sign === '-' ? -1 : 1) * factors.reduce((a, b) => a * b, 1);
      }, 0);

describe('arithmetic on symbolic dimensions', () => {
  test('products and sums mean what they say', () => {
    fc.assert(
      fc.property(fc.array(dim, { maxLength: 4 }), (dims) => {
        expect(valueOf(dimProduct(dims))).toBe(dims.map(valueOf).reduce((a, b) => a * b, 1));
        expect(valueOf(dimSum(...dims))).toBe(dims.map(valueOf).reduce((a, b) => a + b, 0));
      }),
    );
  });

  test('dividing a product by a factor gives the other', () => {
    fc.assert(
      fc.property(dim, dim, (a, b) => {
        expect(dimQuotient(dimProduct([a, b]), b)).toBe(normalizeDim(a));
      }),
    );
  });

  test('equal dimensions are written equally', () => {
    expect(normalizeDim('sequence*batch')).toBe('batch*sequence');
    expect(dimSum('sequence', 16, -16)).toBe('sequence');
    expect(dimProduct(['sequence+16', 'batch'])).toBe('batch*sequence+16*batch');
    expect(dimSum('a', dimProduct([-1, 'a']))).toBe(0);
  });

  test('a division that is not exact for every value is refused', () => {
    expect(dimQuotient('batch', 2)).toBeUndefined();
    expect(dimQuotient('batch+1', 'batch')).toBeUndefined();
    expect(dimQuotient(6, 4)).toBeUndefined();
  });

  test('broadcasting', () => {
    expect(broadcastShapes(['batch', 1, 4], ['sequence', 1])).toEqual(['batch', 'sequence', 4]);
    expect(broadcastShapes(['batch', 3], ['sequence', 3])).toBeUndefined();
    expect(broadcastShapes([2], [3])).toBeUndefined();
  });
});
