import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packRows } from './pack.js';

const offsetsOf = (lengths: readonly number[]) => {
  const offsets = new Int32Array(lengths.length + 1);
  lengths.forEach((length, i) => (offsets[i + 1] = offsets[i]! + length));
  return offsets;
};

it('packs every example once, into rows that are not too long, and no two of which would fit into one', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 64 }), { maxLength: 300 }), fc.nat(), (lengths, seed) => {
      const rows = packRows({ offsets: offsetsOf(lengths), maxLength: 64, seed });
      expect(rows.flatMap((row) => [...row]).sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
      const filled = rows.map((row) => row.reduce((sum, i) => sum + lengths[i]!, 0)).sort((a, b) => a - b);
      expect(filled.at(-1) ?? 0).toBeLessThanOrEqual(64);
      if (filled.length > 1) expect(filled[0]! + filled[1]!).toBeGreaterThan(64);
    }),
  );
});

it('follows from the seed, which decides on the company of examples of one length', () => {
  const offsets = offsetsOf(Array.from({ length: 60 }, (_, i) => 10 + (i % 3)));
  const packed = (seed: number) => packRows({ offsets, maxLength: 40, seed }).map((row) => [...row]);
  expect(packed(1)).toEqual(packed(1));
  expect(packed(1)).not.toEqual(packed(2));
});
