import type { FileHandle } from 'node:fs/promises';
import { shown } from '../messages.js';
import { Cursor, HeaderFault } from './cursor.js';
import { valueTypes, type ValueType } from './types.js';

export type MetadataValue = number | bigint | string | boolean | MetadataValue[];

export interface TensorInfo {
  readonly name: string;
  /** Fastest first, as ggml has them. */
  readonly dimensions: readonly number[];
  readonly type: number;
  /** From the beginning of the data section. */
  readonly offset: number;
}

export interface GgufHeader {
  readonly metadata: ReadonlyMap<string, MetadataValue>;
  readonly tensors: readonly TensorInfo[];
  readonly alignment: number;
  /** Where the data section begins. */
  readonly dataStart: number;
}

/** No vocabulary is longer, and a damaged count must not cost the memory of the process. */
const LONGEST_LIST = 1 << 22;
const LONGEST_NAME = 1 << 16;
const MOST_DIMENSIONS = 4;
const DEFAULT_ALIGNMENT = 32;

/**
 * Header, metadata and tensor table of a GGUF file (ggml/docs/gguf.md), with the rules of llama.cpp's reader
 * (ggml/src/gguf.cpp: gguf_init_from_file): names once, types known, sizes within the file, a power of two as alignment.
 * @throws HeaderFault with the first thing that is wrong: what follows it cannot be told apart
 */
export async function parseGgufHeader(handle: FileHandle, size: number): Promise<GgufHeader> {
  const cursor = new Cursor(handle, size);
  await cursor.need(4, 'the magic number');
  const magic = cursor.take(4).toString('latin1');
  if (magic !== 'GGUF')
    throw new HeaderFault(`does not begin with GGUF but with ${shown(magic)}`, otherMagic(magic, cursor));
  const version = await cursor.uint32('the version');
  // A big-endian file has the version's low byte at the other end.
  if ((version & 0xffff) === 0)
    throw new HeaderFault('is a big-endian GGUF file; little-endian ones can be read', convert);
  if (version !== 2 && version !== 3)
    throw new HeaderFault(`has GGUF version ${version}; 2 and 3 can be read`, convert);
  const tensorCount = await cursor.count(24, 'tensors');
  const entries = await cursor.count(12, 'metadata entries');

  const metadata = new Map<string, MetadataValue>();
  for (let i = 0; i < entries; i++) {
    const name = await nameAt(cursor, 'a metadata name');
    if (metadata.has(name)) throw new HeaderFault(`has the metadata entry ${shown(name)} twice`);
    const type = await typeAt(cursor, name);
    metadata.set(
      name,
      type.name === 'array' ? await listAt(cursor, name) : await valueAt(cursor, type, name),
    );
    if (name === 'general.alignment' && type.name !== 'uint32')
      throw new HeaderFault(`has a general.alignment of type ${type.name}; it must be uint32`);
  }
  const alignment = Number(metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT);
  if (alignment === 0 || (alignment & (alignment - 1)) !== 0)
    throw new HeaderFault(`has general.alignment ${alignment}; it must be a power of two`);

  const tensors: TensorInfo[] = [];
  const names = new Set<string>();
  for (let i = 0; i < tensorCount; i++) {
    const tensor = await tensorAt(cursor);
    if (names.has(tensor.name)) throw new HeaderFault(`has the tensor ${shown(tensor.name)} twice`);
    names.add(tensor.name);
    tensors.push(tensor);
  }
  return { metadata, tensors, alignment, dataStart: padded(cursor.position, alignment) };
}

const convert = 'convert the model anew with convert_hf_to_gguf.py of llama.cpp';

/** What helps with a file that begins otherwise: the formats before GGUF, what is packed, safetensors. */
function otherMagic(magic: string, cursor: Cursor): string | undefined {
  if (['lmgg', 'tjgg', 'fmgg', 'algg', 'GGML'].includes(magic)) return convert;
  if (magic.startsWith('\x1f\x8b') || magic.startsWith('PK')) return 'unpack it';
  // Eight bytes of length, then JSON.
  const isSafetensors = cursor.has(5) && cursor.take(5).toString('latin1').endsWith('{');
  return isSafetensors
    ? 'it is a safetensors file: give the folder that it and its config.json are in'
    : undefined;
}

/** The next multiple of `alignment`. */
export const padded = (bytes: number, alignment: number): number => Math.ceil(bytes / alignment) * alignment;

async function nameAt(cursor: Cursor, what: string): Promise<string> {
  const name = await cursor.string(what);
  if (name.length > LONGEST_NAME) throw new HeaderFault(`has ${what} of ${name.length} characters`);
  return name;
}

async function typeAt(cursor: Cursor, of: string): Promise<ValueType> {
  const number = await cursor.uint32(`the type of ${shown(of)}`);
  const type = valueTypes[number];
  if (!type) throw new HeaderFault(`has an unknown type (${number}) of the metadata entry ${shown(of)}`);
  return type;
}

async function listAt(cursor: Cursor, of: string): Promise<MetadataValue[]> {
  const type = await typeAt(cursor, of);
  if (type.name === 'array') throw new HeaderFault(`has a list of lists in the metadata entry ${shown(of)}`);
  const length = await cursor.count(type.bytes, `elements of ${shown(of)}`);
  if (length > LONGEST_LIST) {
    throw new HeaderFault(
      `has ${length} elements in the metadata entry ${shown(of)}; at most ${LONGEST_LIST} can be read`,
    );
  }
  const list: MetadataValue[] = [];
  for (let i = 0; i < length; i++) {
    // A vocabulary is long: it is waited for only where a block ends.
    const found =
      type.name === 'string'
        ? cursor.stringAtHand()
        : cursor.has(type.bytes)
          ? scalar(cursor, type)
          : undefined;
    list.push(found ?? (await valueAt(cursor, type, of)));
  }
  return list;
}

async function valueAt(cursor: Cursor, type: ValueType, of: string): Promise<MetadataValue> {
  if (type.name === 'string') return cursor.string(`the text of ${shown(of)}`);
  await cursor.need(type.bytes, `the value of ${shown(of)}`);
  return scalar(cursor, type);
}

function scalar(cursor: Cursor, { name, bytes }: ValueType): MetadataValue {
  const at = cursor.take(bytes);
  switch (name) {
    case 'uint8':
      return at.readUInt8();
    case 'int8':
      return at.readInt8();
    case 'uint16':
      return at.readUInt16LE();
    case 'int16':
      return at.readInt16LE();
    case 'uint32':
      return at.readUInt32LE();
    case 'int32':
      return at.readInt32LE();
    case 'float32':
      return at.readFloatLE();
    case 'float64':
      return at.readDoubleLE();
    case 'uint64':
      return at.readBigUInt64LE();
    case 'int64':
      return at.readBigInt64LE();
    case 'bool':
      return at.readUInt8() !== 0;
    default:
      throw new TypeError(`${name} is not one value`);
  }
}

async function tensorAt(cursor: Cursor): Promise<TensorInfo> {
  const name = await nameAt(cursor, 'a tensor name');
  const rank = await cursor.uint32(`the dimensions of ${shown(name)}`);
  if (rank > MOST_DIMENSIONS)
    throw new HeaderFault(`has ${rank} dimensions of the tensor ${shown(name)}; at most 4`);
  const dimensions: number[] = [];
  for (let i = 0; i < rank; i++) {
    const dimension = await cursor.uint64(`a dimension of ${shown(name)}`);
    // A dimension of negative sign, or elements beyond the counts of JavaScript, are in no file.
    if (dimension > BigInt(Number.MAX_SAFE_INTEGER))
      throw new HeaderFault(
        `has a dimension of ${BigInt.asIntN(64, dimension)} of the tensor ${shown(name)}`,
      );
    dimensions.push(Number(dimension));
  }
  const type = await cursor.uint32(`the type of ${shown(name)}`);
  const offset = await cursor.uint64(`the offset of ${shown(name)}`);
  if (offset > BigInt(Number.MAX_SAFE_INTEGER))
    throw new HeaderFault(`has the tensor ${shown(name)} at byte ${offset} of its data`);
  return { name, dimensions, type, offset: Number(offset) };
}
