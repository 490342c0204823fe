import {
  IGNORED_LABEL,
  TemperError,
  type Example,
  type PipelineSpec,
  type SplitName,
} from '@temper/contracts';
import { encodeSegments, type LabelledTokens } from '../tokenizer/encode-segments.js';
import { segmentsOf, type Segment } from '../tokenizer/segments.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { ModelLimits } from './model-limits.js';
import type { SplitBuilder } from './split-builder.js';
import type { UncountedRows } from './uncounted-rows.js';

/** An example and where it is from: the row (from 1) of a source. */
export interface Row {
  readonly example: Example;
  readonly split: SplitName;
  readonly row: number;
}

export interface TokenizeOptions {
  readonly spec: Pick<PipelineSpec, 'task'>;
  readonly labelNames: readonly string[];
  /** Absent for data that is already tokenised. */
  readonly tokenizer: Tokenizer | undefined;
  readonly limits: ModelLimits;
  readonly maxLength: number;
  readonly uncounted: UncountedRows;
}

/** Tokenises rows and adds them to a split in their order. Answers those that were added: all but the uncounted ones. */
export async function tokenizeInto(
  builder: SplitBuilder,
  rows: readonly Row[],
  options: TokenizeOptions,
): Promise<readonly Row[]> {
  if (options.spec.task === 'sequence-classification') {
    await addClasses(builder, rows, options);
    return rows;
  }
  const tokens = await labelledTokens(rows, options);
  return rows.filter(({ split, row, example }, i) => {
    if (builder.addTokens(tokens[i]!)) return true;
    const first = tokens[i]!.labels.findIndex((label, t) => t > 0 && label !== IGNORED_LABEL);
    options.uncounted.add(split, row, example, first < 0 ? undefined : first);
    return false;
  });
}

async function addClasses(
  builder: SplitBuilder,
  rows: readonly Row[],
  options: TokenizeOptions,
): Promise<void> {
  const { tokenizer, maxLength, labelNames } = options;
  if (!tokenizer) {
    for (const row of rows) {
      const { inputIds, label } = givenClass(row, options);
      builder.addClass(inputIds.slice(0, maxLength), label, inputIds.length > maxLength);
    }
    return;
  }
  const classOf = new Map(labelNames.map((name, i) => [name, i]));
  // One token more than fits shows that something is cut off.
  const texts = rows.map(({ example }) => example.text ?? '');
  const encoded = await tokenizer.encodeBatch(texts, { maxLength: maxLength + 1 });
  const { suffix } = tokenizer.affixes;
  rows.forEach(({ example }, i) => {
    const truncated = encoded[i]!.length > maxLength;
    const ids = truncated ? [...encoded[i]!.slice(0, maxLength - suffix.length), ...suffix] : encoded[i]!;
    // A model without special tokens makes nothing of an empty text; something must be fed.
    const fed = ids.length ? ids : [tokenizer.eosTokenId ?? tokenizer.padTokenId];
    builder.addClass(fed, classOf.get(example.label ?? '')!, truncated);
  });
}

async function labelledTokens(rows: readonly Row[], options: TokenizeOptions): Promise<LabelledTokens[]> {
  const { tokenizer } = options;
  if (!tokenizer) return rows.map((row) => givenTokens(row, options));
  const segments = rows.map((row) => segmentsOfRow(tokenizer, row));
  const encoded = await encodeSegments(tokenizer, segments);
  const chat = (example: Example) =>
    example.messages !== undefined || (example.text === undefined && tokenizer.chatTemplate !== undefined);
  const { prefix } = tokenizer.affixes;
  return encoded.map((tokens, i) =>
    chat(rows[i]!.example) ? tokens : ended(tokens, prefix, tokenizer.eosTokenId),
  );
}

/** A template's refusal, with the row that it is about. */
function segmentsOfRow(tokenizer: Tokenizer, { example, split, row }: Row): Segment[] {
  try {
    return segmentsOf(tokenizer, example);
  } catch (error) {
    if (!(error instanceof TemperError)) throw error;
    const problems = error.problems.map((problem) => ({ ...problem, path: `dataset.${split} row ${row}` }));
    throw new TemperError(error.code, problems, { cause: error });
  }
}

/** Without a template: what the model wants before a text (not learnt), and the token that ends it (learnt). */
function ended(
  { inputIds, labels }: LabelledTokens,
  prefix: readonly number[],
  end: number | undefined,
): LabelledTokens {
  const before = inputIds.length && prefix.every((id, i) => inputIds[i] === id) ? [] : prefix;
  const after = end === undefined || inputIds.at(-1) === end ? [] : [end];
  return {
    inputIds: [...before, ...inputIds, ...after],
    labels: [...before.map(() => IGNORED_LABEL), ...labels, ...after],
  };
}

function givenClass({ example, split, row }: Row, options: TokenizeOptions) {
  const { inputIds = [], labels } = example;
  if (typeof labels !== 'number')
    throw wrong(split, row, 'labels is a list', 'one class number, for classification');
  checkVocabulary(inputIds, { example, split, row }, options);
  return { inputIds, label: labels };
}

function givenTokens({ example, split, row }: Row, options: TokenizeOptions): LabelledTokens {
  const { inputIds = [], labels } = example;
  if (typeof labels === 'number' || !labels) {
    throw wrong(split, row, 'labels is one number', 'a list with one label a token, for a language model');
  }
  checkVocabulary([...inputIds, ...labels], { example, split, row }, options);
  return { inputIds, labels };
}

function checkVocabulary(ids: readonly number[], { split, row }: Row, { limits }: TokenizeOptions): void {
  const outside = ids.find((id) => id >= limits.vocabulary);
  if (outside !== undefined)
    throw wrong(split, row, `token ${outside}`, `below the model's vocabulary of ${limits.vocabulary}`);
}

const wrong = (split: SplitName, row: number, found: string, allowed: string) =>
  new TemperError('DATA_INVALID', {
    path: `dataset.${split} row ${row}`,
    message: 'wrong token data',
    found,
    allowed,
  });
