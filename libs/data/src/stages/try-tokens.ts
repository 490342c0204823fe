import { splitNames, type SplitName } from '@temper/contracts';
import { hasSeveralSources, type PipelineSpec } from '@temper/spec';
import { isTokenised, taskSchemaOf } from '@temper/tasks/schema';
import { isEmpty } from '../cleaning/content.js';
import { readExamples } from '../formats/read-examples.js';
import { LONGEST_ROW } from '../formats/text/cursor.js';
import { loadTokenizer } from '../tokenizer/tokenizer.js';
import { maskingOf } from '../tokens/masking.js';
import { modelLimits, type ModelSizes } from '../tokens/model-limits.js';
import { SplitBuilder } from '../tokens/split-builder.js';
import { tokenizeChunk, type Row, type TokenizeOptions } from '../tokens/tokenize-into.js';
import { UncountedRows } from '../tokens/uncounted-rows.js';
import { SourceRows } from './source-rows.js';
import type { FilesOfSource, SourceFiles } from './ingest.js';

/** So many rows of each split are tokenised, which shows a tokenizer or a template that cannot work. */
const TRIED = 100;

interface Tried {
  readonly spec: Pick<PipelineSpec, 'task' | 'problemType' | 'dataset' | 'tokenize'>;
  readonly options: Omit<TokenizeOptions, 'uncounted'>;
}

/**
 * Loads the tokenizer and tokenises the first rows, as the preprocess stage will; rows that are tokenised already are all read, so many at a
 * time. Returns what is told of those that would be left out.
 * @param model its folder (of a tokenizer; rows that are tokens need none), and its sizes, which a GGUF file says elsewhere
 * @throws TemperError MODEL_CORRUPT for the tokenizer itself, DATA_INVALID with the row that it or the template fails at, with a token that
 * the model has no row for, or where no row of a whole split could be trained on
 */
export async function tryTokens(
  spec: Tried['spec'],
  sources: SourceFiles,
  model: { readonly folder: string | undefined; readonly sizes?: ModelSizes | undefined },
): Promise<string[]> {
  const { folder, sizes } = model;
  await using tokenizer =
    folder === undefined || isTokenised(spec.dataset.columns) ? undefined : await loadTokenizer(folder);
  const limits = await modelLimits(folder, sizes);
  maskingOf(spec, tokenizer, limits);
  const maxLength = Math.min(spec.tokenize.maxLength, limits.positions);
  const options = { spec, labelNames: [], tokenizer, limits, maxLength };
  const warnings: string[] = [];
  for (const split of splitNames) {
    const told = await trySplit(split, sources[split] ?? [], { spec, options });
    if (told) warnings.push(told);
  }
  return warnings;
}

/** What is told of a split's rows that would be left out. */
async function trySplit(
  split: SplitName,
  sources: readonly FilesOfSource[],
  { spec, options }: Tried,
): Promise<string | undefined> {
  const { labelKind } = taskSchemaOf(spec);
  const beginning = new Beginning(split, sources, spec, options.tokenizer ? TRIED : undefined);
  const { maxLength } = options;
  const uncounted = new UncountedRows(spec.tokenize.maxLength, options.limits.positions, beginning.place);
  let [rows, tried, kept] = [[] as Row[], 0, 0];
  const tryRows = async () => {
    const add = await tokenizeChunk(rows, { ...options, uncounted });
    kept += add(new SplitBuilder(labelKind, maxLength)).length;
    tried += rows.length;
    rows = [];
  };
  for await (const row of beginning.rows()) {
    rows.push(row);
    if (rows.length === TRIED) await tryRows();
  }
  if (rows.length) await tryRows();
  const { isAll, read } = beginning;
  const left = tried - kept;
  if (isAll && tried && left === tried) throw uncounted.nothingLeft(split);
  return left
    ? `${left} of ${isAll ? '' : 'the first '}${read} rows of ${split} ${uncounted.inWords()}`
    : undefined;
}

/** The first rows of every source of a split, or all of them, but what cleaning drops: that is not told of here. */
class Beginning {
  read = 0;
  isAll = true;
  /** Counted as they come, by which a row is named. */
  private readonly counts: number[];
  readonly place: SourceRows['place'];

  constructor(
    private readonly split: SplitName,
    private readonly sources: readonly FilesOfSource[],
    private readonly spec: Tried['spec'],
    private readonly limit: number | undefined,
  ) {
    this.counts = sources.map(() => 0);
    const isList = split === 'train' && hasSeveralSources(spec.dataset);
    this.place = new SourceRows(isList ? this.counts : []).place;
  }

  async *rows(): AsyncGenerator<Row> {
    for (const number of this.sources.keys()) yield* this.rowsOf(number);
  }

  private async *rowsOf(number: number): AsyncGenerator<Row> {
    const { split, limit, spec } = this;
    const { encoding, quote, clean } = spec.dataset;
    const { files, columns = spec.dataset.columns } = this.sources[number]!;
    const { labelForm } = taskSchemaOf(spec);
    let length = 0;
    for await (const example of readExamples(files, columns, { limit, encoding, quote, labelForm })) {
      const row = ++this.read;
      this.counts[number]!++;
      if (!clean.dropEmpty || !isEmpty(example)) yield { example, split, row, place: this.place(split, row) };
      // Some long rows show as much.
      if (limit && (length += JSON.stringify(example).length) > LONGEST_ROW) break;
    }
    if (limit && (this.counts[number]! >= limit || length > LONGEST_ROW)) this.isAll = false;
  }
}
