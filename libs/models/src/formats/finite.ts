import { open, type FileHandle } from 'node:fs/promises';
import { asElements } from './dtypes.js';
import { blockFactors } from './gguf/quantization.js';
import { readInto } from './safetensors-header.js';

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
  const chunk = Buffer.alloc(Math.min(step, place.length));
  let total = 0;
  let first = -1;
  for (let at = 0; at < place.length; at += step) {
    signal?.throwIfAborted();
    const count = Math.min(step, place.length - at);
    await readInto(handle, chunk.subarray(0, count), place.offset + at);
    const bad = scanner.bad(chunk.subarray(0, count));
    if (bad.count && first < 0) first = at / scanner.bytes + bad.first;
    total += bad.count;
  }
  return total ? { name: place.name, count: total, first } : undefined;
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

/** Of half precision, all ones in the exponent: NaN or infinite (IEEE 754). */
const HALF = 0x7c00;

const scanners: Readonly<Record<string, Scanner>> = {
  F32: { bytes: 4, bad: (chunk) => badWords(asElements('I32', chunk) as Int32Array) },
  F16: { bytes: 2, bad: (chunk) => badHalves(asElements('U16', chunk) as Uint16Array, HALF) },
  BF16: { bytes: 2, bad: (chunk) => badHalves(asElements('U16', chunk) as Uint16Array, 0x7f80) },
  F64: { bytes: 8, bad: (chunk) => beyondFloat32(asElements('F64', chunk) as Float64Array) },
};

function scannerOf(type: string): Scanner | undefined {
  if (Object.hasOwn(scanners, type)) return scanners[type];
  const block = blockFactors(type);
  return block && { bytes: block.bytes, bad: (chunk) => badFactors(chunk, block.bytes, block.factors) };
}

// One loop a type of array: a loop over several is four times slower.
function badWords(bits: Int32Array): Bad {
  let count = 0;
  let first = -1;
  for (let i = 0; i < bits.length; i++) {
    if ((bits[i]! & 0x7f800000) !== 0x7f800000) continue;
    if (count++ === 0) first = i;
  }
  return { count, first };
}

function badHalves(bits: Uint16Array, mask: number): Bad {
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
  let count = 0;
  let first = -1;
  for (let at = 0, block = 0; at < bytes.length; at += size, block++) {
    if (!factors.some((factor) => (bytes.readUInt16LE(at + factor) & HALF) === HALF)) continue;
    if (count++ === 0) first = block;
  }
  return { count, first };
}
