import { createHash } from 'node:crypto';

/** So many places within `size` bytes, the same for the same seed. */
export const seededPlaces = (size: number, count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, i) => {
    const hash = createHash('sha256').update(`place ${seed} ${i}`).digest();
    return Number(hash.readBigUInt64LE() % BigInt(size));
  });
