/**
 * Counter-based random numbers: Philox 4×32 with ten rounds (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
 * Element i of the site "name" is a pure function of (seed, name, i), so that an initialisation can be had again at any time,
 * in any order, on any machine.
 */
export function uniforms(count: number, seed: number, site: string): Float64Array {
  const [siteLow, siteHigh] = siteWords(site);
  const out = new Float64Array(count);
  for (let i = 0; i < count; i += 2) {
    const counter = i / 2;
    const words = philox(
      [counter, Math.floor(counter / 2 ** 32), siteLow, siteHigh],
      [seed, Math.floor(seed / 2 ** 32)],
    );
    out[i] = unit(words[0], words[1]);
    if (i + 1 < count) out[i + 1] = unit(words[2], words[3]);
  }
  return out;
}

/** 53 bits of two words; half of the last place keeps it in (0, 1), so that its logarithm is finite. */
const unit = (a: number, b: number) => ((a >>> 5) * 2 ** 26 + (b >>> 6) + 0.5) / 2 ** 53;

/** Normal with mean 0: √(−2 ln u)·cos 2πv and ·sin 2πv (Box and Muller). */
export function normals(count: number, deviation: number, seed: number, site: string): Float32Array {
  const u = uniforms(count + (count % 2), seed, site);
  return Float32Array.from({ length: count }, (_, i) => {
    const radius = Math.sqrt(-2 * Math.log(u[i - (i % 2)]!));
    const angle = 2 * Math.PI * u[i - (i % 2) + 1]!;
    return deviation * radius * (i % 2 ? Math.sin(angle) : Math.cos(angle));
  });
}

/** Uniform between −bound and bound. */
export function symmetricUniforms(count: number, bound: number, seed: number, site: string): Float32Array {
  return Float32Array.from(uniforms(count, seed, site), (u) => (2 * u - 1) * bound);
}

/** 64 bits of the site's name: FNV-1a from two starting values. */
function siteWords(site: string): [number, number] {
  const words: [number, number] = [0x811c9dc5, 0x01000193];
  for (const byte of Buffer.from(site)) {
    words[0] = Math.imul(words[0] ^ byte, 0x01000193);
    words[1] = Math.imul(words[1] ^ byte, 0x01000193);
  }
  return words;
}

type Words4 = readonly [number, number, number, number];

/** 128 random bits for a counter of 128 and a key of 64 bits, each as 32-bit words. */
export function philox(counter: Words4, key: readonly [number, number]): Words4 {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0 >>> 0);
    const low0 = Math.imul(0xd2511f53, c0);
    const high1 = multiplyHigh(0xcd9e8d57, c2 >>> 0);
    const low1 = Math.imul(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0];
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}

/** The upper 32 bits of a 32×32-bit product, from 16-bit halves. */
function multiplyHigh(a: number, b: number): number {
  const [aLow, aHigh] = [a & 0xffff, a >>> 16];
  const [bLow, bHigh] = [b & 0xffff, b >>> 16];
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const other = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(other / 65536)) | 0;
}
