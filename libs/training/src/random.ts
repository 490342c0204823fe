/** Where in a run a random number is drawn; the stream depends on these four numbers alone, so a resumed run repeats it. */
export interface DrawSite {
  readonly seed: number;
  readonly step: number;
  readonly microBatch: number;
  readonly site: number;
}

// The finaliser of MurmurHash3 (fmix32): every input bit changes every output bit with probability close to 1/2.
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Independent Bernoulli draws: 1 with probability `keep` (to 2^-16), else 0. */
export function dropoutMask(at: DrawSite, keep: number, length: number): Uint8Array {
  let key = 0x9e3779b9;
  for (const part of [at.seed, at.step, at.microBatch, at.site]) key = mix((key ^ part) + 0x9e3779b9);
  const key2 = mix(key ^ 0x5bd1e995);
  const threshold = Math.round(keep * 65536);
  const mask = new Uint8Array(length);
  // One 32-bit hash of the counter gives two draws of 16 bits.
  for (let i = 0; i < length; i += 2) {
    const bits = mix(mix((i >>> 1) ^ key) ^ key2);
    mask[i] = (bits & 0xffff) < threshold ? 1 : 0;
    if (i + 1 < length) mask[i + 1] = bits >>> 16 < threshold ? 1 : 0;
  }
  return mask;
}
