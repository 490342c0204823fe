import {
  splitNames,
  TemperError,
  type LabelKind,
  type SplitName,
  type TokenizedSplit,
} from '@temper/contracts';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { examplesOf } from './examples.js';
import { labelKinds } from './label-kinds.js';

export type TokenizedSplits = Partial<Record<SplitName, TokenizedSplit>>;

const arrays = { inputIds: 'input_ids', labels: 'labels', offsets: 'offsets' } as const;
const fileOf = (split: SplitName, array: keyof typeof arrays) => `${split}.${arrays[array]}.i32`;

/** Writes `SPLIT.input_ids.i32`, `SPLIT.labels.i32`, `SPLIT.offsets.i32` (little-endian int32); returns their names. */
export async function writeTokens(folder: string, splits: TokenizedSplits): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const written = splitNames.flatMap((name) => {
    const split = splits[name];
    if (!split) return [];
    return (Object.keys(arrays) as (keyof typeof arrays)[]).map(async (array) => {
      const { buffer, byteOffset, byteLength } = split[array];
      await writeFile(join(folder, fileOf(name, array)), new Uint8Array(buffer, byteOffset, byteLength));
      return fileOf(name, array);
    });
  });
  return Promise.all(written);
}

/** Reads what `writeTokens` wrote: the splits that are there. @throws TemperError BLOB_CORRUPT where the files do not fit together */
export async function readTokens(
  folder: string,
  labelKind: LabelKind,
  sequencesPerExample?: number,
): Promise<TokenizedSplits> {
  const splits: TokenizedSplits = {};
  for (const name of splitNames) {
    if (existsSync(join(folder, fileOf(name, 'offsets'))))
      splits[name] = await readSplit(folder, name, { labelKind, sequencesPerExample });
  }
  return splits;
}

async function readSplit(
  folder: string,
  name: SplitName,
  { labelKind, sequencesPerExample }: Pick<TokenizedSplit, 'labelKind' | 'sequencesPerExample'>,
): Promise<TokenizedSplit> {
  const [inputIds, labels, offsets] = await Promise.all([
    readInt32(join(folder, fileOf(name, 'inputIds'))),
    readInt32(join(folder, fileOf(name, 'labels'))),
    readInt32(join(folder, fileOf(name, 'offsets'))),
  ]);
  const rows = offsets.length - 1;
  const examples = examplesOf({ offsets, sequencesPerExample });
  const size = { labels: labels.length, examples, tokens: inputIds.length };
  if (offsets[rows] !== inputIds.length || !Number.isInteger(examples) || !labelKinds[labelKind].fits(size)) {
    throw new TemperError('BLOB_CORRUPT', {
      path: join(folder, fileOf(name, 'offsets')),
      message: 'the token files do not fit together',
      found: `${inputIds.length} ids, ${labels.length} labels, last offset ${offsets[rows]}`,
    });
  }
  return { labelKind, inputIds, labels, offsets, sequencesPerExample };
}

async function readInt32(file: string): Promise<Int32Array> {
  const bytes = await readFile(file);
  // A copy of its own: the buffer of a small file is a slice of a pool, at any alignment.
  return new Int32Array(Uint8Array.from(bytes).buffer);
}
