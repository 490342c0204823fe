/**
 * Uniform numbers in [-bound, bound) from a 32-bit hash of (element index, seed): the weights that the Python reference
 * and the tests both need without storing them. The same function is `derived_uniform` in real_models.py.
 */
export function derivedUniform(length: number, seed: number, bound: number): Float32Array {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    let x = (Math.imul(i, 2654435761) + Math.imul(seed, 40503)) >>> 0;
    for (let round = 0; round < 2; round++) x = Math.imul(x ^ (x >>> 16), 0x45d9f3b) >>> 0;
    x = (x ^ (x >>> 16)) >>> 0;
    values[i] = (x / 2 ** 31 - 1) * bound;
  }
  return values;
}
