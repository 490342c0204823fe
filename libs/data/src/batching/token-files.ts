import {
  splitNames,
  TemperError,
  type LabelKind,
  type Passage,
  type SplitName,
  type TokenizedSplit,
} from '@temper/contracts';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { examplesOf } from './examples.js';
import { labelKinds } from './label-kinds.js';

export type TokenizedSplits = Partial<Record<SplitName, TokenizedSplit>>;

const arrays = {
  inputIds: 'input_ids',
  labels: 'labels',
  offsets: 'offsets',
  tokenTypes: 'token_types',
} as const;
export type ArrayName = keyof typeof arrays;
export const fileOf = (split: SplitName, array: ArrayName) => `${split}.${arrays[array]}.i32`;
export const passagesOf = (split: SplitName) => `${split}.passages.jsonl`;

/** Writes `SPLIT.input_ids.i32`, `SPLIT.labels.i32`, `SPLIT.offsets.i32` (little-endian int32), and where a split has them `SPLIT.token_types.i32` and `SPLIT.passages.jsonl`; returns their names. */
export async function writeTokens(folder: string, splits: TokenizedSplits): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const written = splitNames.flatMap((name) => {
    const split = splits[name];
    if (!split) return [];
    const present = (Object.keys(arrays) as ArrayName[]).filter((array) => split[array]);
    const { passages } = split;
    return [
      ...present.map(async (array) => {
        const { buffer, byteOffset, byteLength } = split[array]!;
        await writeFile(join(folder, fileOf(name, array)), new Uint8Array(buffer, byteOffset, byteLength));
        return fileOf(name, array);
      }),
      ...(passages ? [writePassages(folder, name, passages)] : []),
    ];
  });
  return Promise.all(written);
}

async function writePassages(
  folder: string,
  split: SplitName,
  passages: readonly Passage[],
): Promise<string> {
  const lines = passages.map((passage) => `${JSON.stringify(passage)}\n`);
  await writeFile(join(folder, passagesOf(split)), lines.join(''));
  return passagesOf(split);
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
  const types = join(folder, fileOf(name, 'tokenTypes'));
  const texts = join(folder, passagesOf(name));
  return {
    ...{ labelKind, inputIds, labels, offsets, sequencesPerExample },
    ...(existsSync(types) && { tokenTypes: await readInt32(types) }),
    ...(existsSync(texts) && { passages: await readPassages(texts) }),
  };
}

async function readPassages(file: string): Promise<Passage[]> {
  const passages: Passage[] = [];
  for await (const line of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity }))
    passages.push(JSON.parse(line) as Passage);
  return passages;
}

/** A file may be read in pieces of no more than this. */
const READ_AT_ONCE = 1 << 30;

async function readInt32(file: string): Promise<Int32Array> {
  await using handle = await open(file);
  const bytes = new Uint8Array((await handle.stat()).size);
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await handle.read(bytes, at, Math.min(READ_AT_ONCE, bytes.length - at), at);
    if (!bytesRead) throw new RangeError(`${file} ends while it is read`);
    at += bytesRead;
  }
  return new Int32Array(bytes.buffer);
}
