import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { gguf, GGMLQuantizationType } from '@huggingface/gguf';
import { TemperError, type Problem } from '@temper/contracts';
import { elementCount } from '../dtypes.js';
import { readExactly } from '../safetensors-header.js';
import { dequantize, quantizations, quantizedBytes } from './quantization.js';

/** A tensor of a GGUF file; `shape` is row-major as in Hugging Face ([out, in]), GGUF writes it the other way round. */
export interface GgufTensor {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

export interface GgufFile {
  readonly file: string;
  readonly metadata: GgufMetadata;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

/** The key/value section with typed look-ups; numbers are plain numbers (GGUF's 64-bit counts fit). */
export class GgufMetadata {
  constructor(private readonly values: Readonly<Record<string, unknown>>) {}

  number(key: string): number | undefined {
    const value = this.values[key];
    return typeof value === 'bigint' || typeof value === 'number' ? Number(value) : undefined;
  }
  string(key: string): string | undefined {
    const value = this.values[key];
    return typeof value === 'string' ? value : undefined;
  }
  boolean(key: string): boolean | undefined {
    const value = this.values[key];
    return typeof value === 'boolean' ? value : undefined;
  }
  list<T = unknown>(key: string): readonly T[] | undefined {
    const value = this.values[key];
    return Array.isArray(value) ? (value as T[]) : undefined;
  }
}

/** Reads and checks header, metadata and tensor table, not the weights. Throws MODEL_CORRUPT or MODEL_UNSUPPORTED. */
export async function readGguf(file: string): Promise<GgufFile> {
  const path = basename(file);
  const { size } = await stat(file);
  const parsed = await parse(file);
  if (!parsed.littleEndian) {
    throw new TemperError('MODEL_UNSUPPORTED', {
      path,
      message: 'a big-endian GGUF file',
      allowed: 'little-endian',
    });
  }
  const unreadable: Problem[] = [];
  const damaged: Problem[] = [];
  const tensors = new Map<string, GgufTensor>();
  for (const info of parsed.tensorInfos) {
    const type = GGMLQuantizationType[info.dtype] ?? String(info.dtype);
    const shape = info.shape.map(Number).reverse();
    const length = quantizedBytes(type, elementCount(shape));
    const offset = Number(parsed.tensorDataOffset) + Number(info.offset);
    const where = { path: `${path}: ${info.name}` };
    if (length === undefined) {
      unreadable.push({
        ...where,
        message: 'a weight type that is not supported',
        found: type,
        allowed: quantizations.join(', '),
      });
      continue;
    }
    if (offset + length > size) {
      damaged.push({
        ...where,
        message: 'lies beyond the end of the file',
        found: `bytes ${offset} to ${offset + length} of ${size}`,
        hint: 'the file is truncated: fetch it again',
      });
    }
    tensors.set(info.name, { name: info.name, type, shape, offset, length });
  }
  if (damaged.length) throw new TemperError('MODEL_CORRUPT', damaged);
  if (unreadable.length) throw new TemperError('MODEL_UNSUPPORTED', unreadable);
  return { file, metadata: new GgufMetadata(parsed.metadata as Record<string, unknown>), tensors };
}

async function parse(file: string) {
  try {
    return await gguf(file, { allowLocalFile: true });
  } catch (cause) {
    throw new TemperError(
      'MODEL_CORRUPT',
      {
        path: basename(file),
        message: `not a GGUF file, or its header is damaged (${(cause as Error).message})`,
        hint: 'fetch the file again',
      },
      { cause },
    );
  }
}

/** One tensor's weights as float32. */
export async function readGgufTensor(file: string, tensor: GgufTensor): Promise<Float32Array> {
  const handle = await open(file, 'r');
  try {
    return dequantize(tensor.type, await readExactly(handle, tensor.offset, tensor.length));
  } finally {
    await handle.close();
  }
}
