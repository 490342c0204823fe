import { IGNORED_LABEL, TemperError, type Example, type LabelKind, type SplitName } from '@temper/contracts';
import { type PipelineSpec } from '@temper/spec';
import { taskSchemaOf } from '@temper/tasks/schema';
import { labelKinds } from '../batching/label-kinds.js';
import { labelNumbers } from '../labels/label-numbers.js';
import { LeftOut } from '../tokenizer/chat/left-out.js';
import type { EncodedExample } from '../tokenizer/encode-examples.js';
import type { LabelledTokens } from '../tokenizer/encode-segments.js';
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
  readonly spec: Pick<PipelineSpec, 'task' | 'problemType'>;
  readonly labelNames: readonly string[];
  /** Absent for data that is already tokenised. */
  readonly tokenizer: Tokenizer | undefined;
  readonly limits: ModelLimits;
  readonly maxLength: number;
  readonly uncounted: UncountedRows;
}

/** Adds tokenised rows to a split in their order. Returns those that were added: all but the uncounted ones. */
export type AddTo = (builder: SplitBuilder) => readonly Row[];

/** Tokenises rows. They are added to their split afterwards, so that the next ones can be at work meanwhile. */
export function tokenizeChunk(rows: readonly Row[], options: TokenizeOptions): Promise<AddTo> {
  return tokenizers[taskSchemaOf(options.spec).labelKind](rows, options);
}

/** By how labels are stored; a kind without an entry is a type error. */
const tokenizers: {
  readonly [K in LabelKind]: (rows: readonly Row[], options: TokenizeOptions) => Promise<AddTo>;
} = { class: texts, flags: texts, value: texts, token: labelled, tag: labelled };

async function labelled(rows: readonly Row[], options: TokenizeOptions): Promise<AddTo> {
  const { labelKind } = taskSchemaOf(options.spec);
  const { first: least = 0 } = labelKinds[labelKind];
  const tokens = await (labelKind === 'tag' ? taggedTokens : labelledTokens)(rows, options);
  return (builder) =>
    rows.filter(({ split, row }, i) => {
      const encoded = tokens[i]!;
      if (encoded instanceof LeftOut) {
        options.uncounted.leaveOut(split, row, encoded);
        return false;
      }
      if (builder.addTokens(encoded)) {
        options.uncounted.note(encoded.notes);
        return true;
      }
      const first = encoded.labels.findIndex((label, t) => t >= least && label !== IGNORED_LABEL);
      options.uncounted.add(split, row, first < 0 ? undefined : first);
      return false;
    });
}

async function texts(rows: readonly Row[], options: TokenizeOptions): Promise<AddTo> {
  const { tokenizer, maxLength, labelNames } = options;
  if (!tokenizer) {
    return (builder) => {
      for (const row of rows) {
        const { inputIds, label } = givenClass(row, options);
        builder.addExample(inputIds.slice(0, maxLength), [label], inputIds.length > maxLength);
      }
      return rows;
    };
  }
  const numbersOf = labelNumbers(taskSchemaOf(options.spec).labelForm, labelNames);
  // One token more than fits shows that something is cut off.
  const written = rows.map(({ example }) => example.text ?? '');
  const encoded = await tokenizer.encodeBatch(written, { maxLength: maxLength + 1, place: placeOf(rows) });
  const { suffix } = tokenizer.affixes;
  encoded.forEach((ids, i) => checkVocabulary(ids, rows[i]!, options));
  return (builder) => {
    rows.forEach(({ example }, i) => {
      const truncated = encoded[i]!.length > maxLength;
      const ids = truncated ? [...encoded[i]!.slice(0, maxLength - suffix.length), ...suffix] : encoded[i]!;
      // A model without special tokens makes nothing of an empty text; something must be fed.
      const fed = ids.length ? ids : [tokenizer.eosTokenId ?? tokenizer.padTokenId];
      builder.addExample(fed, numbersOf(example.label ?? ''), truncated);
    });
    return rows;
  };
}

async function labelledTokens(
  rows: readonly Row[],
  options: TokenizeOptions,
): Promise<Exclude<EncodedExample, TemperError>[]> {
  const { tokenizer } = options;
  if (!tokenizer) return rows.map((row) => givenTokens(row, options));
  const examples = rows.map(({ example }) => example);
  const encoded = await tokenizer.encodeExamples(examples, { place: placeOf(rows) });
  return encoded.map((tokens, i) => {
    if (tokens instanceof TemperError) throw tokens;
    if ('inputIds' in tokens) checkVocabulary(tokens.inputIds, rows[i]!, options);
    return tokens;
  });
}

/** The first token of a word has the tag of the word, the others none, as transformers' run_ner.py has it. */
async function taggedTokens(
  rows: readonly Row[],
  options: TokenizeOptions,
): Promise<Exclude<EncodedExample, TemperError>[]> {
  const { tokenizer, maxLength, labelNames } = options;
  if (!tokenizer) return rows.map((row) => givenTokens(row, options));
  const classOf = new Map(labelNames.map((name, i) => [name, i]));
  const words = rows.map(({ example }) => example.tokens ?? []);
  const encoded = await tokenizer.encodeWords(words, { place: placeOf(rows) });
  const { suffix } = tokenizer.affixes;
  return encoded.map(({ inputIds, starts }, i) => {
    checkVocabulary(inputIds, rows[i]!, options);
    const labels = inputIds.map(() => IGNORED_LABEL);
    // Before there are names (a trial of the first rows) any class will do.
    starts.forEach((at, word) => {
      if (at >= 0) labels[at] = classOf.get(rows[i]!.example.tags![word]!) ?? 0;
    });
    if (inputIds.length <= maxLength) return { inputIds, labels };
    // One token too many, so that what is kept is known to be cut.
    const room = maxLength - suffix.length;
    const none = [...suffix, 0].map(() => IGNORED_LABEL);
    return {
      inputIds: [...inputIds.slice(0, room), ...suffix, tokenizer.padTokenId],
      labels: [...labels.slice(0, room), ...none],
    };
  });
}

const placeOf = (rows: readonly Row[]) => (i: number) => `dataset.${rows[i]!.split} row ${rows[i]!.row}`;

function givenClass({ example, split, row }: Row, options: TokenizeOptions) {
  const { inputIds = [], labels } = example;
  if (typeof labels !== 'number')
    throw wrong(split, row, 'labels is a list', 'one class number, for classification');
  checkVocabulary(inputIds, { example, split, row }, options);
  return { inputIds, label: labels };
}

function givenTokens(
  { example, split, row }: Row,
  options: Pick<TokenizeOptions, 'limits' | 'tokenizer' | 'spec'>,
): LabelledTokens {
  const { inputIds = [], labels } = example;
  if (typeof labels === 'number' || !labels) {
    throw wrong(split, row, 'labels is one number', 'a list with one label a token');
  }
  const isText = taskSchemaOf(options.spec).labelKind === 'token';
  checkVocabulary(isText ? [...inputIds, ...labels] : inputIds, { example, split, row }, options);
  return { inputIds, labels };
}

/** Ids that the model's table of tokens has no row for: of given tokens, or of a tokenizer with more entries than that. */
function checkVocabulary(
  ids: readonly number[],
  { split, row }: Row,
  { limits, tokenizer }: Pick<TokenizeOptions, 'limits' | 'tokenizer'>,
): void {
  const outside = ids.find((id) => id >= limits.vocabulary);
  if (outside === undefined) return;
  const message = tokenizer
    ? 'the tokenizer makes a token of it that the model has no row for'
    : 'wrong token data';
  throw new TemperError('DATA_INVALID', {
    path: `dataset.${split} row ${row}`,
    message,
    found: `token ${outside}`,
    allowed: `below the model's vocabulary of ${limits.vocabulary}`,
  });
}

const wrong = (split: SplitName, row: number, found: string, allowed: string) =>
  new TemperError('DATA_INVALID', {
    path: `dataset.${split} row ${row}`,
    message: 'wrong token data',
    found,
    allowed,
  });
