import { open, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { TemperError } from '@temper/contracts';
import { asElements, elementCount, elementTypes, type ElementType, type TensorData } from './dtypes.js';
import {
  readExactly,
  readSafetensorsHeader,
  safetensorsHeaderOf,
  type TensorLocation,
} from './safetensors-header.js';

export interface Tensor {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** To write: the data may be made only when its turn comes, so that a large model is never whole in memory. */
export interface TensorSource {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly data: TensorData | (() => TensorData | Promise<TensorData>);
}

/** Reads all tensors, or those named; header mistakes throw MODEL_CORRUPT. */
export async function readSafetensors(file: string, names?: readonly string[]): Promise<Map<string, Tensor>> {
  const { tensors } = await readSafetensorsHeader(file);
  const wanted = names ?? [...tensors.keys()];
  const result = new Map<string, Tensor>();
  const handle = await open(file, 'r');
  try {
    for (const name of wanted) {
      const location = tensors.get(name);
      if (!location)
        throw new TemperError('MODEL_CORRUPT', {
          path: file,
          message: `has no tensor ${name}`,
          allowed: [...tensors.keys()].join(', '),
        });
      const bytes = await readExactly(handle, location.offset, location.length);
      result.set(name, {
        dtype: location.dtype,
        shape: location.shape,
        data: asElements(location.dtype, bytes),
      });
    }
  } finally {
    await handle.close();
  }
  return result;
}

/** The tensors of a small file that is in memory; header mistakes throw MODEL_CORRUPT under the name `path`. */
export function parseSafetensors(path: string, bytes: Buffer): Map<string, Tensor> {
  const { tensors } = safetensorsHeaderOf(path, bytes);
  return new Map(
    [...tensors].map(([name, { dtype, shape, offset, length }]) => [
      name,
      { dtype, shape, data: asElements(dtype, bytes.subarray(offset, offset + length)) },
    ]),
  );
}

/** Reads one tensor whose place is known. */
export async function readTensor(location: TensorLocation & { readonly file: string }): Promise<Tensor> {
  const handle = await open(location.file, 'r');
  try {
    const bytes = await readExactly(handle, location.offset, location.length);
    return { dtype: location.dtype, shape: location.shape, data: asElements(location.dtype, bytes) };
  } finally {
    await handle.close();
  }
}

type Tensors<T> = Readonly<Record<string, T>> | ReadonlyMap<string, T>;

export type WriteSafetensors = typeof writeSafetensors;

/**
 * Writes a file whose bytes follow from the content alone: larger elements first (so that everything is aligned),
 * then by name; metadata sorted; header padded with spaces to 8 bytes. The file appears whole or not at all.
 */
export async function writeSafetensors(
  file: string,
  tensors: Tensors<TensorSource>,
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Promise<void> {
  const entries = inOrder(tensors);
  const temporary = `${file}.${randomUUID()}.part`;
  const handle = await open(temporary, 'wx');
  try {
    await handle.writeFile(headerBytes(entries, metadata));
    for (const [name, source] of entries) {
      const data = typeof source.data === 'function' ? await source.data() : source.data;
      const expected = bytesOf(source);
      if (data.byteLength !== expected) {
        throw new TemperError('MODEL_CORRUPT', {
          path: name,
          message: 'the data does not fill the shape',
          found: `${data.byteLength} bytes`,
          allowed: `${expected}`,
        });
      }
      await handle.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
    await handle.close();
    await rename(temporary, file);
  } catch (error) {
    await handle.close();
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The same file with a hole where its data is: what a header tells can be read of it, and no more. */
export async function writeSafetensorsHeader(
  file: string,
  tensors: Tensors<TensorSource>,
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Promise<void> {
  const entries = inOrder(tensors);
  const header = headerBytes(entries, metadata);
  await writeFile(file, header);
  await truncate(
    file,
    entries.reduce((end, [, source]) => end + bytesOf(source), header.length),
  );
}

const sizeOf = ({ dtype }: TensorSource) => elementTypes[dtype].bytes;
const bytesOf = (source: TensorSource) => elementCount(source.shape) * sizeOf(source);

function inOrder(tensors: Tensors<TensorSource>): [string, TensorSource][] {
  const entries = [
    ...(tensors instanceof Map ? tensors : Object.entries(tensors as Record<string, TensorSource>)),
  ];
  return entries.sort(([a, s], [b, t]) => sizeOf(t) - sizeOf(s) || (a < b ? -1 : a > b ? 1 : 0));
}

function headerBytes(
  entries: readonly (readonly [string, TensorSource])[],
  metadata: Readonly<Record<string, string>>,
): Buffer {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length) {
    header.__metadata__ = Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  let offset = 0;
  for (const [name, { dtype, shape }] of entries) {
    const length = elementCount(shape) * elementTypes[dtype].bytes;
    header[name] = { dtype, shape, data_offsets: [offset, offset + length] };
    offset += length;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = Buffer.alloc(8 + padded, 0x20);
  bytes.writeBigUInt64LE(BigInt(padded));
  json.copy(bytes, 8);
  return bytes;
}
