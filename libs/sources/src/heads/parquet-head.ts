import { readStruct, writeStruct, type Struct, type Value } from './thrift.js';

// https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
const FILE = { rows: 3, groups: 4 } as const;
const GROUP = { columns: 1, rows: 3 } as const;
/** Column chunk: 4 to 7 are the places of indices that lie behind all rows. */
const CHUNK = { meta: 3, indices: [4, 5, 6, 7] } as const;
/** Its meta data: 14 and 15 are the place of a Bloom filter. */
const META = { bytes: 7, data: 9, dictionary: 11, filter: [14, 15] } as const;

/** A file that says at its end what is in it: how much of its beginning holds the first rows, and what is to follow them. */
export interface ParquetHead {
  /** Bytes from the file's beginning. */
  readonly bytes: number;
  /** A footer that tells of these rows alone, with its length and mark. */
  readonly footer: Buffer;
}

/** The length of the footer that the last eight bytes of a file tell; undefined where they tell none. */
export function footerLength(tail: Uint8Array): number | undefined {
  const end = Buffer.from(tail).subarray(-8);
  return end.length === 8 && end.toString('latin1', 4) === 'PAR1' ? end.readUInt32LE() : undefined;
}

/**
 * The first row group, and a footer for it alone; undefined where the footer is no such, or a file has no rows, or has them
 * in other files.
 */
export function firstGroup(footer: Buffer): ParquetHead | undefined {
  try {
    const file = readStruct(footer);
    const groups = file.get(FILE.groups);
    const first = groups && 'items' in groups ? groups.items[0] : undefined;
    if (!groups || !('items' in groups) || !first || !('fields' in first)) return undefined;
    const chunks = itemsOf(first.fields, GROUP.columns).map((chunk) => fieldsOf(chunk));
    const bytes = Math.max(...chunks.map(endOf));
    if (!Number.isSafeInteger(bytes)) return undefined;
    for (const chunk of chunks) {
      for (const id of CHUNK.indices) chunk.delete(id);
      for (const id of META.filter) fieldsOf(chunk.get(CHUNK.meta)).delete(id);
    }
    groups.items = [first];
    file.set(FILE.rows, first.fields.get(GROUP.rows)!);
    const written = writeStruct(file);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(written.length);
    return { bytes, footer: Buffer.concat([written, length, Buffer.from('PAR1')]) };
  } catch (error) {
    // What is wrong with it, whoever reads the file says best.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Where a column's pages end: they begin with the dictionary, where there is one. */
function endOf(chunk: Struct): number {
  const meta = fieldsOf(chunk.get(CHUNK.meta));
  const data = numberOf(meta, META.data)!;
  const dictionary = numberOf(meta, META.dictionary);
  const start = dictionary ? Math.min(dictionary, data) : data;
  return start + numberOf(meta, META.bytes)!;
}

function numberOf(fields: Struct, id: number): number | undefined {
  const value = fields.get(id);
  return value && 'number' in value ? Number(value.number) : undefined;
}

const itemsOf = (fields: Struct, id: number): readonly Value[] => {
  const value = fields.get(id);
  return value && 'items' in value ? value.items : [];
};

const fieldsOf = (value: Value | undefined): Struct => {
  if (value && 'fields' in value) return value.fields;
  throw new RangeError('no structure');
};
