import { diskFull } from '@temper/contracts';
import { parsePipelineSpec } from '@temper/spec';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileOf, passagesOf } from '../batching/token-files.js';
import { SplitFiles } from '../tokens/split-numbers.js';
import { preprocessDataset } from './preprocess.js';

const modelFolder = fileURLToPath(new URL('../tokenizer/goldens/bert', import.meta.url));
let root: string;
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'temper-left-'))));
afterAll(() => rm(root, { recursive: true }));

/** Rows of `{input_ids, labels}`, to be preprocessed. */
async function tokenised(rows: number, length: number) {
  const datasetFolder = await mkdtemp(join(root, 'dataset-'));
  const line = (i: number) =>
    `${JSON.stringify({ inputIds: Array.from({ length }, (_, t) => (i + t) % 90), labels: i % 2 })}\n`;
  await writeFile(
    join(datasetFolder, 'train.jsonl'),
    Array.from({ length: rows }, (_, i) => line(i)).join(''),
  );
  const spec = parsePipelineSpec({
    name: 'left',
    model: { base: 'm' },
    dataset: { train: 'rows.jsonl', columns: { inputIds: 'input_ids', labels: 'labels' } },
    tokenize: { maxLength: length },
  });
  const folder = join(datasetFolder, 'tokens');
  return { spec, datasetFolder, modelFolder, folder, sizes: { positions: length, vocabulary: 100 } };
}

/** What this process has open. */
async function openFiles(): Promise<string[]> {
  const handles = await readdir('/proc/self/fd');
  return Promise.all(handles.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
}

describe.skipIf(process.platform !== 'linux')('where preprocessing ends early', () => {
  it('the digests of rows take no more of the disk', async () => {
    const stop = new AbortController();
    const { signal } = stop;
    const onProgress = ({ done }: { done: number }) => void (done > 65_600 && stop.abort());
    const work = preprocessDataset({ ...(await tokenised(66_000, 1)), signal, onProgress });
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    expect((await openFiles()).filter((path) => path.includes('temper-rows-'))).toEqual([]);
  });

  it.each([10, 120])('a full disk is told as one, with %i rows of a thousand tokens', async (rows) => {
    const options = await tokenised(rows, 1_000);
    await mkdir(options.folder);
    await symlink('/dev/full', join(options.folder, 'train.input_ids.i32'));
    const error = await preprocessDataset(options).catch((e: unknown) => e);
    expect(diskFull(error)).toMatchObject({ code: 'DISK_FULL' });
    expect((await openFiles()).filter((path) => path.startsWith(options.folder))).toEqual([]);
  });
});

it('files of tokens that are written again hold what was written last', async () => {
  for (const split of ['validation', 'test'] as const) {
    for (let times = 0; times < 2; times++) {
      using files = new SplitFiles(root, split);
      files.labels.push([1, 2]);
      files.addPassage({ id: 'a' } as never);
      expect(files.finish()).toEqual([fileOf(split, 'labels'), passagesOf(split)]);
    }
    expect(await readFile(join(root, passagesOf(split)), 'utf8')).toBe('{"id":"a"}\n');
    expect(await readFile(join(root, fileOf(split, 'labels')))).toHaveLength(8);
  }
});
