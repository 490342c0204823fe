import { IGNORED_LABEL, TemperError, type Example, type LabelKind, type SplitName } from '@temper/contracts';
import { type PipelineSpec } from '@temper/spec';
import { taskSchemaOf } from '@temper/tasks/schema';
import { labelKinds } from '../batching/label-kinds.js';
import { sequencesIn } from '../cleaning/content.js';
import { completionsOf } from '../formats/preference.js';
import { labelNumbers } from '../labels/label-numbers.js';
import { LeftOut } from '../tokenizer/chat/left-out.js';
import type { EncodedExample } from '../tokenizer/encode-examples.js';
import type { LabelledTokens } from '../tokenizer/encode-segments.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { ModelLimits } from './model-limits.js';
import { spanOf } from './span-of.js';
import type { SplitBuilder } from './split-builder.js';
import type { UncountedRows } from './uncounted-rows.js';

/** An example and where it is from: the row (from 1) of a source. */
export interface Row {
  readonly example: Example;
  readonly split: SplitName;
  readonly row: number;
  /** How errors name it. */
  readonly place: string;
  /** How often it is added; default 1. */
  readonly times?: number;
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
} = {
  class: texts,
  flags: texts,
  value: texts,
  token: labelled(labelledTokens),
  pair: pairs,
  tag: labelled(taggedTokens),
  span: spans,
  masked: labelled(hideableTokens),
};

/** A label a token. */
type Labelled = readonly Exclude<EncodedExample, TemperError>[];

/** Adds the rows of which a token counts. */
function labelled(
  encode: (rows: readonly Row[], options: TokenizeOptions) => Promise<Labelled>,
): (rows: readonly Row[], options: TokenizeOptions) => Promise<AddTo> {
  return async (rows, options) => {
    const tokens = await encode(rows, options);
    return (builder) => rows.filter((row, i) => addLabelled(builder, row, [tokens[i]!], options));
  };
}

/** Rows of two completions, of each of which a token counts. */
async function pairs(rows: readonly Row[], options: TokenizeOptions): Promise<AddTo> {
  const sides = rows.flatMap((row) => completionsOf(row.example)!.map((example) => ({ ...row, example })));
  const tokens = await labelledTokens(sides, options);
  return (builder) =>
    rows.filter((row, i) => addLabelled(builder, row, tokens.slice(2 * i, 2 * i + 2), options));
}

function addLabelled(
  builder: SplitBuilder,
  { split, row, times }: Row,
  sequences: Labelled,
  { spec, uncounted }: TokenizeOptions,
): boolean {
  const left = sequences.find((one) => one instanceof LeftOut);
  if (left) {
    uncounted.leaveOut(split, row, left);
    return false;
  }
  const encoded = sequences.filter((one): one is Exclude<typeof one, LeftOut> => !(one instanceof LeftOut));
  if (builder.addTokens(encoded, times)) {
    for (const { notes } of encoded) uncounted.note(notes);
    return true;
  }
  const { first: least = 0 } = labelKinds[taskSchemaOf(spec).labelKind];
  const firsts = encoded.map(({ labels }) =>
    labels.findIndex((label, t) => t >= least && label !== IGNORED_LABEL),
  );
  uncounted.add(split, row, firsts.includes(-1) ? undefined : Math.max(...firsts));
  return false;
}

/** Spans of the context; a row whose answer is cut off is left out. */
async function spans(rows: readonly Row[], options: TokenizeOptions): Promise<AddTo> {
  const { tokenizer, maxLength, uncounted } = options;
  const pairs = rows.map(({ example: { question = '', context = '' } }) => ({ question, context }));
  // Columns of questions are of texts, for which there is a tokenizer.
  const encoded = await tokenizer!.encodePairs(pairs, { place: placeOf(rows) });
  encoded.forEach(({ inputIds }, i) => checkVocabulary(inputIds, rows[i]!, options));
  return (builder) =>
    rows.filter(({ example, split, row, times }, i) => {
      const found = spanOf(encoded[i]!, example, maxLength);
      if ('needed' in found) uncounted.add(split, row, found.needed - 1);
      else builder.addSpan(found.pair, found.labels, encoded[i]!.inputIds.length > maxLength, times);
      return !('needed' in found);
    });
}

async function texts(rows: readonly Row[], options: TokenizeOptions): Promise<AddTo> {
  const { tokenizer, maxLength, labelNames } = options;
  if (!tokenizer) {
    return (builder) => {
      for (const row of rows) {
        const { inputIds, label } = givenClass(row, options);
        builder.addExample(inputIds.slice(0, maxLength), [label], inputIds.length > maxLength, row.times);
      }
      return rows;
    };
  }
  const numbersOf = labelNumbers(taskSchemaOf(options.spec).labelForm, labelNames);
  const encoded = await wholeTexts(rows, tokenizer, options);
  const { suffix } = tokenizer.affixes;
  const cut = (ids: number[]) => {
    const short = ids.length > maxLength ? [...ids.slice(0, maxLength - suffix.length), ...suffix] : ids;
    // A model without special tokens makes nothing of an empty text; something must be fed.
    return short.length ? short : [tokenizer.eosTokenId ?? tokenizer.padTokenId];
  };
  return (builder) => {
    rows.forEach(({ example: { label, score }, times }, i) => {
      const truncated = encoded[i]!.some((ids) => ids.length > maxLength);
      builder.addSequences(encoded[i]!.map(cut), numbersOf(label ?? score ?? ''), truncated, times);
    });
    return rows;
  };
}

/** The texts of each row with the special tokens around them; of a text that does not fit one token more than does, which shows that something is cut off. */
async function wholeTexts(
  rows: readonly Row[],
  tokenizer: Tokenizer,
  options: TokenizeOptions,
): Promise<number[][][]> {
  const written = rows.map(({ example }) => sequencesIn(example));
  const of = written.flatMap((texts, i) => texts.map(() => rows[i]!));
  const limit = { maxLength: options.maxLength + 1, place: placeOf(of) };
  const encoded = await tokenizer.encodeBatch(written.flat(), limit);
  encoded.forEach((ids, i) => checkVocabulary(ids, of[i]!, options));
  let at = 0;
  return written.map((texts) => encoded.slice(at, (at += texts.length)));
}

/** Of a text, the tokens that may be hidden: all but the special ones, also of those that it has itself. */
async function hideableTokens(rows: readonly Row[], options: TokenizeOptions): Promise<Labelled> {
  const { tokenizer, maxLength } = options;
  if (!tokenizer) return rows.map((row) => givenTokens(row, options));
  const special = new Set(tokenizer.specialTokenIds);
  const encoded = await wholeTexts(rows, tokenizer, options);
  return encoded.map(([ids]) => {
    const labels = ids!.map((id) => (special.has(id) ? IGNORED_LABEL : id));
    return cutTo(maxLength, tokenizer, { inputIds: ids!, labels });
  });
}

/** Longer ones end in the special tokens behind a text, and one token more, so that they are known to be cut. */
function cutTo(
  maxLength: number,
  { affixes, padTokenId }: Tokenizer,
  tokens: LabelledTokens,
): LabelledTokens {
  const { inputIds, labels } = tokens;
  if (inputIds.length <= maxLength) return tokens;
  const { suffix } = affixes;
  const room = maxLength - suffix.length;
  return {
    inputIds: [...inputIds.slice(0, room), ...suffix, padTokenId],
    labels: [...labels.slice(0, room), ...[...suffix, 0].map(() => IGNORED_LABEL)],
  };
}

async function labelledTokens(rows: readonly Row[], options: TokenizeOptions): Promise<Labelled> {
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
async function taggedTokens(rows: readonly Row[], options: TokenizeOptions): Promise<Labelled> {
  const { tokenizer, maxLength, labelNames } = options;
  if (!tokenizer) return rows.map((row) => givenTokens(row, options));
  const classOf = new Map(labelNames.map((name, i) => [name, i]));
  const words = rows.map(({ example }) => example.tokens ?? []);
  const encoded = await tokenizer.encodeWords(words, { place: placeOf(rows) });
  return encoded.map(({ inputIds, starts }, i) => {
    checkVocabulary(inputIds, rows[i]!, options);
    const labels = inputIds.map(() => IGNORED_LABEL);
    // Before there are names (a trial of the first rows) any class will do.
    starts.forEach((at, word) => {
      if (at >= 0) labels[at] = classOf.get(rows[i]!.example.tags![word]!) ?? 0;
    });
    return cutTo(maxLength, tokenizer, { inputIds, labels });
  });
}

const placeOf = (rows: readonly Row[]) => (i: number) => rows[i]!.place;

function givenClass(row: Row, options: TokenizeOptions) {
  const { inputIds = [], labels } = row.example;
  if (typeof labels !== 'number')
    throw wrong(row, 'labels is a list', 'one class number, for classification');
  checkVocabulary(inputIds, row, options);
  return { inputIds, label: labels };
}

function givenTokens(
  row: Row,
  options: Pick<TokenizeOptions, 'limits' | 'tokenizer' | 'spec'>,
): LabelledTokens {
  const { inputIds = [], labels } = row.example;
  if (typeof labels === 'number' || !labels) {
    throw wrong(row, 'labels is one number', 'a list with one label a token');
  }
  const { areTokens } = labelKinds[taskSchemaOf(options.spec).labelKind];
  checkVocabulary(areTokens ? [...inputIds, ...labels] : inputIds, row, options);
  return { inputIds, labels };
}

/** Ids that the model's table of tokens has no row for: of given tokens, or of a tokenizer with more entries than that. */
function checkVocabulary(
  ids: readonly number[],
  { place }: Row,
  { limits, tokenizer }: Pick<TokenizeOptions, 'limits' | 'tokenizer'>,
): void {
  const outside = ids.find((id) => id >= limits.vocabulary);
  if (outside === undefined) return;
  const message = tokenizer
    ? 'the tokenizer makes a token of it that the model has no row for'
    : 'wrong token data';
  throw new TemperError('DATA_INVALID', {
    path: place,
    message,
    found: `token ${outside}`,
    allowed: `below the model's vocabulary of ${limits.vocabulary}`,
  });
}

const wrong = ({ place }: Row, found: string, allowed: string) =>
  new TemperError('DATA_INVALID', {
    path: place,
    message: 'wrong token data',
    found,
    allowed,
  });
