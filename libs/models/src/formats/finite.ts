import { open, type FileHandle } from 'node:fs/promises';
import { asElements, type ElementType } from './dtypes.js';
import { blockFactors } from './gguf/quantization.js';
import { readExactly } from './safetensors-header.js';

/** Where a tensor of floats lies, of either format. */
export interface FloatPlace {
  readonly name: string;
  readonly file: string;
  /** Of safetensors, or ggml's. */
  readonly type: string;
  readonly offset: number;
  readonly length: number;
}

/** A tensor with elements that are no numbers: how many, and the first one's place among the elements (or blocks) stored. */
export interface NotFinite {
  readonly name: string;
  readonly count: number;
  readonly first: number;
}

/** Read at once: a tensor of any size takes this much memory. A whole number of elements of every type and block. */
const CHUNK_ELEMENTS = 1 << 20;

/**
 * Reads the tensors once, in the order of the files, and returns those with NaN or infinite elements; an F64 that float32
 * cannot hold counts as infinite. Of quantised blocks the factors are looked at, as whole numbers are always finite.
 */
export async function notFinite(places: readonly FloatPlace[], signal?: AbortSignal): Promise<NotFinite[]> {
  const found: NotFinite[] = [];
  for (const file of new Set(places.map((place) => place.file))) {
    const handle = await open(file, 'r');
    try {
      const inFile = places.filter((place) => place.file === file).sort((a, b) => a.offset - b.offset);
      for (const place of inFile) {
        const result = await scan(handle, place, signal);
        if (result) found.push(result);
      }
    } finally {
      await handle.close();
    }
  }
  return found;
}

async function scan(
  handle: FileHandle,
  place: FloatPlace,
  signal?: AbortSignal,
): Promise<NotFinite | undefined> {
  const scanner = scannerOf(place.type);
  if (!scanner) return undefined;
  const step = scanner.bytes * CHUNK_ELEMENTS;
  let count = 0;
  let first = -1;
  for (let at = 0; at < place.length; at += step) {
    signal?.throwIfAborted();
    const bytes = await readExactly(handle, place.offset + at, Math.min(step, place.length - at));
    const bad = scanner.bad(bytes);
    if (bad.count && first < 0) first = at / scanner.bytes + bad.first;
    count += bad.count;
  }
  return count ? { name: place.name, count, first } : undefined;
}

interface Bad {
  readonly count: number;
  readonly first: number;
}
interface Scanner {
  /** Of an element or block. */
  readonly bytes: number;
  bad(bytes: Buffer): Bad;
}

/** All ones in the exponent: NaN or infinite (IEEE 754). */
const exponents: Readonly<Record<string, { dtype: ElementType; bytes: number; mask: number }>> = {
  F32: { dtype: 'U32', bytes: 4, mask: 0x7f800000 },
  F16: { dtype: 'U16', bytes: 2, mask: 0x7c00 },
  BF16: { dtype: 'U16', bytes: 2, mask: 0x7f80 },
};

function scannerOf(type: string): Scanner | undefined {
  const plain = Object.hasOwn(exponents, type) ? exponents[type] : undefined;
  if (plain) {
    const { dtype, bytes, mask } = plain;
    return { bytes, bad: (chunk) => masked(asElements(dtype, chunk) as Uint16Array | Uint32Array, mask) };
  }
  if (type === 'F64')
    return { bytes: 8, bad: (chunk) => beyondFloat32(asElements('F64', chunk) as Float64Array) };
  const block = blockFactors(type);
  return block && { bytes: block.bytes, bad: (chunk) => badFactors(chunk, block.bytes, block.factors) };
}

function masked(bits: Uint16Array | Uint32Array, mask: number): Bad {
  let count = 0;
  let first = -1;
  for (let i = 0; i < bits.length; i++) {
    if ((bits[i]! & mask) !== mask) continue;
    if (count++ === 0) first = i;
  }
  return { count, first };
}

function beyondFloat32(values: Float64Array): Bad {
  let count = 0;
  let first = -1;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(Math.fround(values[i]!))) continue;
    if (count++ === 0) first = i;
  }
  return { count, first };
}

function badFactors(bytes: Buffer, size: number, factors: readonly number[]): Bad {
  const { mask } = exponents.F16!;
  let count = 0;
  let first = -1;
  for (let at = 0, block = 0; at < bytes.length; at += size, block++) {
    if (!factors.some((factor) => (bytes.readUInt16LE(at + factor) & mask) === mask)) continue;
    if (count++ === 0) first = block;
  }
  return { count, first };
}
