import { splitNames } from '@temper/contracts';
import { type PipelineSpec } from '@temper/spec';
import { taskSchemaOf } from '@temper/tasks/schema';
import { isEmpty } from '../cleaning/content.js';
import { readExamples } from '../formats/read-examples.js';
import { LONGEST_ROW } from '../formats/text/cursor.js';
import { loadTokenizer } from '../tokenizer/tokenizer.js';
import { maskingOf } from '../tokens/masking.js';
import { modelLimits } from '../tokens/model-limits.js';
import { SplitBuilder } from '../tokens/split-builder.js';
import { tokenizeChunk, type Row } from '../tokens/tokenize-into.js';
import { UncountedRows } from '../tokens/uncounted-rows.js';
import type { SourceFiles } from './ingest.js';

/** So many rows of each split are tokenised, which shows a tokenizer or a template that cannot work. */
const TRIED = 100;

/**
 * Loads the tokenizer and tokenises the first rows, as the preprocess stage will. Returns what is told of those that would be
 * left out.
 * @throws TemperError MODEL_CORRUPT for the tokenizer itself, DATA_INVALID with the row that it or the template fails at, or
 * where no row of a whole split could be trained on
 */
export async function tryTokens(
  spec: Pick<PipelineSpec, 'task' | 'problemType' | 'dataset' | 'tokenize'>,
  sources: SourceFiles,
  modelFolder: string,
): Promise<string[]> {
  const warnings: string[] = [];
  await using tokenizer = await loadTokenizer(modelFolder);
  const limits = await modelLimits(modelFolder);
  maskingOf(spec, tokenizer, limits);
  const maxLength = Math.min(spec.tokenize.maxLength, limits.positions);
  for (const split of splitNames) {
    const rows: Row[] = [];
    const { columns, encoding, quote } = spec.dataset;
    const { labelForm, labelKind, sequencesPerExample } = taskSchemaOf(spec);
    const reading = { limit: TRIED, encoding, quote, labelForm };
    let row = 0;
    let length = 0;
    for await (const example of readExamples(sources[split] ?? [], columns, reading)) {
      row++;
      // What cleaning drops is not told of here.
      if (!(spec.dataset.clean.dropEmpty && isEmpty(example))) rows.push({ example, split, row });
      // Some long rows show as much.
      if ((length += JSON.stringify(example).length) > LONGEST_ROW) break;
    }
    const uncounted = new UncountedRows(spec.tokenize.maxLength, limits.positions);
    const add = await tokenizeChunk(rows, { spec, labelNames: [], tokenizer, limits, maxLength, uncounted });
    if (!rows.length) continue;
    const left =
      rows.length -
      add(new SplitBuilder(labelKind, maxLength, sequencesPerExample?.(spec.dataset.columns))).length;
    const all = row < TRIED && length <= LONGEST_ROW;
    if (all && left === rows.length) throw uncounted.nothingLeft(split);
    if (left)
      warnings.push(`${left} of ${all ? '' : 'the first '}${row} rows of ${split} ${uncounted.inWords()}`);
  }
  return warnings;
}
