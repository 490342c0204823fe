import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { TemperError, type Problem } from '@temper/contracts';
import { elementCount, shownShape } from '../dtypes.js';
import { firstOf, shown } from '../messages.js';
import { withModelFile } from '../model-file.js';
import { readExactly } from '../safetensors-header.js';
import { HeaderFault } from './cursor.js';
import { padded, parseGgufHeader, type GgufHeader, type MetadataValue } from './header.js';
import { dequantize, quantizations } from './quantization.js';
import { tensorTypes } from './types.js';

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
  constructor(private readonly values: ReadonlyMap<string, MetadataValue>) {}

  number(key: string): number | undefined {
    const value = this.values.get(key);
    return typeof value === 'bigint' || typeof value === 'number' ? Number(value) : undefined;
  }
  string(key: string): string | undefined {
    const value = this.values.get(key);
    return typeof value === 'string' ? value : undefined;
  }
  boolean(key: string): boolean | undefined {
    const value = this.values.get(key);
    return typeof value === 'boolean' ? value : undefined;
  }
  list<T = unknown>(key: string): readonly T[] | undefined {
    const value = this.values.get(key);
    return Array.isArray(value) ? (value as T[]) : undefined;
  }
  value(key: string): MetadataValue | undefined {
    return this.values.get(key);
  }
}

/**
 * Reads and checks header, metadata and tensor table, not the weights.
 * @throws TemperError MODEL_CORRUPT or MODEL_UNSUPPORTED
 */
export const readGguf = (file: string): Promise<GgufFile> =>
  withModelFile(file, async (handle, size) => {
    const path = basename(file);
    const header = await parseGgufHeader(handle, size).catch((error: unknown) => {
      if (!(error instanceof HeaderFault)) throw error;
      throw new TemperError(
        'MODEL_CORRUPT',
        {
          path,
          message: `not a GGUF file that can be read: it ${error.message}`,
          hint: error.hint,
        },
        { cause: error },
      );
    });
    return { file, metadata: new GgufMetadata(header.metadata), tensors: placedTensors(path, size, header) };
  });

/**
 * Where the tensors lie: one after the other in the order of the table, each padded to the alignment; so none overlap, and
 * none leave a hole. llama.cpp refuses a file whose offsets are not these sums, be they smaller or larger
 * (ggml/src/gguf.cpp, gguf_init_from_reader: `ti.offset != ctx->size`).
 */
function placedTensors(path: string, size: number, header: GgufHeader): Map<string, GgufTensor> {
  const unreadable: Problem[] = [];
  const damaged: Problem[] = [];
  const tensors = new Map<string, GgufTensor>();
  let expected = 0;
  for (const { name, dimensions, type: number, offset: inData } of header.tensors) {
    const where = { path: `${path}: ${shown(name)}` };
    const [type, elements, bytes] = tensorTypes.get(number) ?? [];
    if (type === undefined || elements === undefined || bytes === undefined) {
      damaged.push({ ...where, message: 'has an unknown weight type', found: String(number) });
      // Nobody knows how long it is, so nothing is known of those behind it.
      break;
    }
    const shape = [...dimensions].reverse();
    const length = (elementCount(shape) / elements) * bytes;
    if ((dimensions[0] ?? 1) % elements !== 0 || !Number.isSafeInteger(length)) {
      damaged.push({
        ...where,
        message: `has a shape that ${type} cannot have`,
        found: shownShape(shape),
        allowed: `rows of whole blocks of ${elements} weights`,
      });
      break;
    }
    if (!quantizations.includes(type)) {
      unreadable.push({
        ...where,
        message: 'a weight type that is not supported',
        found: type,
        allowed: quantizations.join(', '),
      });
    }
    const offset = header.dataStart + inData;
    if (offset + length > size) {
      damaged.push({
        ...where,
        message: 'lies beyond the end of the file',
        found: `bytes ${offset} to ${offset + length} of ${size}`,
        hint: 'the file is truncated: fetch it again',
      });
    } else if (inData !== expected) {
      damaged.push({
        ...where,
        message:
          inData < expected ? 'overlaps the tensor before it' : 'leaves a gap after the tensor before it',
        found: `begins at byte ${inData} of the data`,
        allowed: `byte ${expected}`,
      });
    }
    expected = padded(inData + length, header.alignment);
    tensors.set(name, { name, type, shape, offset, length });
  }
  if (damaged.length) throw new TemperError('MODEL_CORRUPT', firstOf(damaged));
  if (unreadable.length) throw new TemperError('MODEL_UNSUPPORTED', firstOf(unreadable));
  return tensors;
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
