import { TemperError } from '@temper/contracts';
import { bfloat16ToFloat32, halfValues, halvesToFloat32 } from '../floats.js';

/**
 * ggml's block formats (ggml-common.h, ggml-quants.c: dequantize_row_*): a block of `elements` weights takes `bytes` bytes.
 * `decode` reads the block at `at` and writes its weights to `out` from `to` on. d and m are half-precision scale and minimum.
 */
interface BlockFormat {
  readonly elements: number;
  readonly bytes: number;
  /** Where in a block its half-precision factors are: weights are finite where these are. */
  readonly factors: readonly number[];
  decode(bytes: Uint8Array, at: number, out: Float32Array, to: number): void;
}

const half = (b: Uint8Array, at: number) => halfValues()[b[at]! | (b[at + 1]! << 8)]!;
const word = (b: Uint8Array, at: number) =>
  b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24);
const signed = (byte: number) => (byte << 24) >> 24;

/** Weights j and j+16 share byte j: low and high four bits; a fifth bit comes from the word `high`. */
function nibbles(
  bytes: Uint8Array,
  at: number,
  high: number | undefined,
  value: (q: number) => number,
  out: Float32Array,
  to: number,
): void {
  for (let j = 0; j < 16; j++) {
    const byte = bytes[at + j]!;
    const fifth = high === undefined ? 0 : ((high >>> j) & 1) << 4;
    const fifthUpper = high === undefined ? 0 : ((high >>> (j + 16)) & 1) << 4;
    out[to + j] = value((byte & 15) | fifth);
    out[to + j + 16] = value((byte >> 4) | fifthUpper);
  }
}

/** Six-bit scale and minimum number `j` of the eight packed in twelve bytes (ggml: get_scale_min_k4). */
function scaleAndMinimum(b: Uint8Array, at: number, j: number): readonly [scale: number, minimum: number] {
  if (j < 4) return [b[at + j]! & 63, b[at + j + 4]! & 63];
  return [
    (b[at + j + 4]! & 15) | ((b[at + j - 4]! >> 6) << 4),
    (b[at + j + 4]! >> 4) | ((b[at + j]! >> 6) << 4),
  ];
}

/** Q4_K and Q5_K: w = d·scale·q − dmin·minimum, in eight groups of 32; group g's fifth bit is bit g of `qh`. */
function decodeK(
  b: Uint8Array,
  at: number,
  fifthBits: number | undefined,
  quants: number,
  out: Float32Array,
  to: number,
) {
  const d = half(b, at);
  const dmin = half(b, at + 2);
  for (let group = 0; group < 8; group++) {
    const [scale, minimum] = scaleAndMinimum(b, at + 4, group);
    const factor = d * scale;
    const shift = dmin * minimum;
    for (let l = 0; l < 32; l++) {
      const byte = b[quants + (group >> 1) * 32 + l]!;
      const fifth = fifthBits === undefined ? 0 : ((b[fifthBits + l]! >> group) & 1) << 4;
      out[to + group * 32 + l] = factor * ((group & 1 ? byte >> 4 : byte & 15) | fifth) - shift;
    }
  }
}

/** IQ4_NL's sixteen levels. */
const nonlinearLevels = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

/** Of Q3_K: low four bits of sixteen scales in eight bytes, their high two in four more; minus 32. */
function sixBitScale(b: Uint8Array, at: number, k: number): number {
  const low = k < 8 ? b[at + k]! & 15 : b[at + k - 8]! >> 4;
  const high = (b[at + 8 + (k & 3)]! >> (2 * (k >> 2))) & 3;
  return (low | (high << 4)) - 32;
}

const blockFormats: Readonly<Record<string, BlockFormat>> = {
  Q4_0: {
    elements: 32,
    bytes: 18,
    factors: [0],
    decode(b, at, out, to) {
      const d = half(b, at);
      nibbles(b, at + 2, undefined, (q) => d * (q - 8), out, to);
    },
  },
  Q4_1: {
    elements: 32,
    bytes: 20,
    factors: [0, 2],
    decode(b, at, out, to) {
      const d = half(b, at);
      const m = half(b, at + 2);
      nibbles(b, at + 4, undefined, (q) => d * q + m, out, to);
    },
  },
  Q5_0: {
    elements: 32,
    bytes: 22,
    factors: [0],
    decode(b, at, out, to) {
      const d = half(b, at);
      nibbles(b, at + 6, word(b, at + 2), (q) => d * (q - 16), out, to);
    },
  },
  Q5_1: {
    elements: 32,
    bytes: 24,
    factors: [0, 2],
    decode(b, at, out, to) {
      const d = half(b, at);
      const m = half(b, at + 2);
      nibbles(b, at + 8, word(b, at + 4), (q) => d * q + m, out, to);
    },
  },
  Q8_0: {
    elements: 32,
    bytes: 34,
    factors: [0],
    decode(b, at, out, to) {
      const d = half(b, at);
      for (let j = 0; j < 32; j++) out[to + j] = d * signed(b[at + 2 + j]!);
    },
  },
  IQ4_NL: {
    elements: 32,
    bytes: 18,
    factors: [0],
    decode(b, at, out, to) {
      const d = half(b, at);
      nibbles(b, at + 2, undefined, (q) => d * nonlinearLevels[q]!, out, to);
    },
  },
  // 16 scales and minima of four bits, 2-bit weights [64], d, dmin.
  Q2_K: {
    elements: 256,
    bytes: 84,
    factors: [80, 82],
    decode(b, at, out, to) {
      const d = half(b, at + 80);
      const dmin = half(b, at + 82);
      for (let i = 0; i < 256; i++) {
        const [part, row, l] = [i >> 7, (i >> 5) & 3, i & 31];
        const scale = b[at + part * 8 + row * 2 + (l >> 4)]!;
        const q = (b[at + 16 + part * 32 + l]! >> (2 * row)) & 3;
        out[to + i] = d * (scale & 15) * q - dmin * (scale >> 4);
      }
    },
  },
  // Third bits [32], low 2 bits [64], 16 six-bit scales, d; a third bit that is 0 means minus 4.
  Q3_K: {
    elements: 256,
    bytes: 110,
    factors: [108],
    decode(b, at, out, to) {
      const d = half(b, at + 108);
      for (let i = 0; i < 256; i++) {
        const [part, row, l] = [i >> 7, (i >> 5) & 3, i & 31];
        const low = (b[at + 32 + part * 32 + l]! >> (2 * row)) & 3;
        const third = (b[at + l]! >> (part * 4 + row)) & 1;
        out[to + i] = d * sixBitScale(b, at + 96, part * 8 + row * 2 + (l >> 4)) * (low - (third ? 0 : 4));
      }
    },
  },
  Q4_K: {
    elements: 256,
    bytes: 144,
    factors: [0, 2],
    decode: (b, at, out, to) => decodeK(b, at, undefined, at + 16, out, to),
  },
  Q5_K: {
    elements: 256,
    bytes: 176,
    factors: [0, 2],
    decode: (b, at, out, to) => decodeK(b, at, at + 16, at + 48, out, to),
  },
  // ql: low 4 bits [128], qh: high 2 bits [64], 16 signed scales, d; two halves of 128 weights.
  Q6_K: {
    elements: 256,
    bytes: 210,
    factors: [208],
    decode(b, at, out, to) {
      const d = half(b, at + 208);
      for (let i = 0; i < 256; i++) {
        const [part, row, l] = [i >> 7, (i >> 5) & 3, i & 31];
        const low = b[at + part * 64 + (row & 1) * 32 + l]!;
        const high = (b[at + 128 + part * 32 + l]! >> (2 * row)) & 3;
        const q = ((row & 2 ? low >> 4 : low & 15) | (high << 4)) - 32;
        const scale = signed(b[at + 192 + part * 8 + row * 2 + (l >> 4)]!);
        // Rounded to float32 after d·scale, as the reference does.
        out[to + i] = Math.fround(d * scale) * q;
      }
    },
  },
};

const plainFormats: Readonly<Record<string, { bytes: number; decode(bytes: Uint8Array): Float32Array }>> = {
  F32: { bytes: 4, decode: (b) => new Float32Array(new Uint8Array(b).buffer) },
  F16: { bytes: 2, decode: (b) => halvesToFloat32(new Uint16Array(new Uint8Array(b).buffer)) },
  BF16: { bytes: 2, decode: (b) => bfloat16ToFloat32(new Uint16Array(new Uint8Array(b).buffer)) },
};

export const quantizations: readonly string[] = [...Object.keys(plainFormats), ...Object.keys(blockFormats)];

/** The weights as float32, bit-equal to the `gguf` Python package's. */
export function dequantize(type: string, bytes: Uint8Array): Float32Array {
  const plain = plainFormats[type];
  if (plain) return plain.decode(bytes);
  const format = blockFormats[type];
  if (!format)
    throw new TemperError('MODEL_UNSUPPORTED', {
      path: 'the GGUF file',
      message: 'a weight of a quantisation that is not read',
      found: type,
      allowed: quantizations.join(', '),
    });
  const blocks = bytes.length / format.bytes;
  const out = new Float32Array(blocks * format.elements);
  for (let i = 0; i < blocks; i++) format.decode(bytes, i * format.bytes, out, i * format.elements);
  return out;
}

/** A type's block size in bytes and where its half-precision factors are; undefined where the weights are plain floats. */
export function blockFactors(type: string): Pick<BlockFormat, 'bytes' | 'factors'> | undefined {
  return blockFormats[type];
}
