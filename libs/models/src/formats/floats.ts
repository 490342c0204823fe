import { halfToNumber } from '@temper/graph';
import type { ElementType, TensorData } from './dtypes.js';

let halfTable: Float32Array | undefined;
/** All 65,536 half-precision values: a look-up is faster than the arithmetic. */
export const halfValues = (): Float32Array =>
  (halfTable ??= Float32Array.from({ length: 65536 }, (_, bits) => halfToNumber(bits)));

export function halvesToFloat32(bits: Uint16Array): Float32Array {
  const table = halfValues();
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = table[bits[i]!]!;
  return out;
}

/** bfloat16 is the upper half of a float32. */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array {
  const out = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = bits[i]! << 16;
  return new Float32Array(out.buffer);
}

/** Widens (or, for F64, rounds) float data to float32; undefined where `dtype` is not a float type that is known. */
export function toFloat32(dtype: ElementType, data: TensorData): Float32Array | undefined {
  if (dtype === 'F32') return data as Float32Array;
  if (dtype === 'F16') return halvesToFloat32(data as Uint16Array);
  if (dtype === 'BF16') return bfloat16ToFloat32(data as Uint16Array);
  if (dtype === 'F64') return Float32Array.from(data as Float64Array);
  return undefined;
}

/**
 * The shortest decimal that rounds to the float32 `x`: 9.999999747378752e-6 → 1e-5. Settings stored as float32
 * (GGUF) become again the numbers that the model's author wrote.
 */
export function shortestFloat32(x: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    const shorter = Number(x.toPrecision(digits));
    if (Math.fround(shorter) === Math.fround(x)) return shorter;
  }
  return x;
}
