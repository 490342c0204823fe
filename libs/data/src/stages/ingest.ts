import { splitNames, TemperError, type DatasetMeta, type Example, type SplitName } from '@temper/contracts';
import { hasSeveralSources, type Columns, type PipelineSpec } from '@temper/spec';
import type { LabelForm } from '@temper/tasks/schema';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { emptyFile } from '../formats/columns.js';
import { readExamples } from '../formats/read-examples.js';

/** Local files of a source, and its own columns, where those of the data set are others. */
export interface FilesOfSource {
  readonly files: readonly string[];
  readonly columns?: Columns | undefined;
}

/** The sources of each split that the spec names, in their order; `train` is always there. */
export type SourceFiles = Readonly<Partial<Record<SplitName, readonly FilesOfSource[]>>>;

export interface StageProgress {
  readonly phase: 'reading' | 'cleaning' | 'comparing' | 'tokenising' | 'writing';
  readonly split?: SplitName;
  /** Rows. */
  readonly done: number;
  readonly total?: number;
}

export interface IngestOptions {
  readonly dataset: PipelineSpec['dataset'];
  readonly sources: SourceFiles;
  /** What the column `label` holds; default a class. */
  readonly labelForm?: LabelForm | undefined;
  /** `SPLIT.jsonl` is written here, one Example a line. */
  readonly folder: string;
  readonly onProgress?: ((progress: StageProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface IngestResult {
  /** Name in the artifact -> local file. */
  readonly files: Readonly<Record<string, string>>;
  readonly meta: DatasetMeta;
}

const ROWS_PER_REPORT = 2048;

/**
 * Reads the sources, maps the columns and writes the splits that are given, row by row as they are: nothing is dropped here.
 * @throws TemperError DATA_INVALID with file and row, or for a source without rows.
 */
export async function ingestDataset(options: IngestOptions): Promise<IngestResult> {
  const { dataset, sources, folder } = options;
  await mkdir(folder, { recursive: true });
  const files: Record<string, string> = {};
  const rows: Partial<Record<SplitName, number>> = {};
  let bySource: readonly number[] | undefined;
  for (const split of splitNames) {
    const from = sources[split];
    if (!from) continue;
    const name = `${split}.jsonl`;
    files[name] = join(folder, name);
    const counts = from.map(() => 0);
    const examples = readAll(from, counts, options);
    rows[split] = await writeLines(files[name], examples, (done) =>
      options.onProgress?.({ phase: 'reading', split, done }),
    );
    if (split === 'train' && hasSeveralSources(dataset)) bySource = counts;
  }
  return { files, meta: { columns: dataset.columns, rows, ...(bySource ? { sources: bySource } : {}) } };
}

/** The rows of all sources of a split, one source after another, each counted in `counts`. */
async function* readAll(
  sources: readonly FilesOfSource[],
  counts: number[],
  { dataset, labelForm, signal }: IngestOptions,
): AsyncGenerator<Example> {
  const { limit, encoding, quote } = dataset;
  for (const [i, { files, columns = dataset.columns }] of sources.entries()) {
    for await (const example of readExamples(files, columns, { limit, encoding, quote, labelForm, signal })) {
      counts[i]!++;
      yield example;
    }
    if (!counts[i]) throw new TemperError('DATA_INVALID', emptyFile(files.join(', ')));
  }
}

/** Returns the number of lines. */
async function writeLines(
  file: string,
  examples: AsyncIterable<Example>,
  report: (rows: number) => void,
): Promise<number> {
  let rows = 0;
  async function* lines() {
    let pending = '';
    for await (const example of examples) {
      pending += `${JSON.stringify(example)}\n`;
      if (++rows % ROWS_PER_REPORT) continue;
      report(rows);
      yield pending;
      pending = '';
    }
    yield pending;
  }
  await pipeline(Readable.from(lines()), createWriteStream(file));
  report(rows);
  return rows;
}
