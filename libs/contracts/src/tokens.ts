import type { ClassRows, DataReport } from './data-report.js';
import type { CleaningReport, SplitName } from './dataset.js';

/** The label that is not counted in the loss, as in PyTorch and transformers. */
export const IGNORED_LABEL = -100;

/** How the labels of a split are stored: see `TokenizedSplit`. */
export type LabelKind = 'token' | 'pair' | 'masked' | 'tag' | 'class' | 'flags' | 'value' | 'span';

/**
 * One split, tokenised, as three flat arrays. Example i has the tokens `inputIds[offsets[i] .. offsets[i+1])`.
 * Its labels: for `token` the same range of `labels` (label at t is the token at t, −100 = not counted; the shift
 * by one happens in batching; so for `pair`, where two sequences are one example and are counted as one), for `masked` (label at t is the token that is hidden at t, or that may be: see `Masking`), and for `tag` (label at t is the class of the token at t, −100 = not counted); for `class` the single number `labels[i]`; for `flags` 0 or 1 for each of K classes,
 * `labels[K·i .. K·(i+1))`; for `value` the bits of the float32 that is learnt, `labels[i]`; for `span` the first and the last token of an
 * answer, counted from the example's first one, `labels[2·i .. 2·(i+1))`, both 0 where there is none.
 */
export interface TokenizedSplit {
  /**
   * n, where an example has several sequences (an answer that is chosen and one that is not; two sentences): default 1. Those of example
   * i are the rows n·i .. n·(i+1) of `offsets`. There is still one class, value or set of flags an example.
   */
  readonly sequencesPerExample?: number | undefined;
  readonly labelKind: LabelKind;
  /** Of pairs, [examples, 2]: ln p of the chosen and the rejected completion by the model that a training is held near to. */
  readonly reference?: Float32Array | undefined;
  readonly inputIds: Int32Array;
  /** Of examples of two texts, as long as `inputIds`: the type of each token, by which models tell the texts apart. */
  readonly tokenTypes?: Int32Array | undefined;
  /** Of spans, where they are measured: by example, the text that they are stretches of. */
  readonly passages?: readonly Passage[] | undefined;
  readonly labels: Int32Array;
  /** length = examples · sequencesPerExample + 1 */
  readonly offsets: Int32Array;
}

/** A text in which a span stands, and what its right texts are. */
export interface Passage {
  /** As far as its tokens reach. */
  readonly text: string;
  /** The token of the example that its own first token is. */
  readonly first: number;
  /** Of each of its tokens where it begins and ends in the text, in UTF-16 units. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** Texts that are right; none: it has no answer. */
  readonly answers: readonly string[];
}

/**
 * Of texts in which each training and evaluation hides tokens by chance: the labels of a split are the tokens that may be hidden, and
 * which of them are, behind what, is decided when a batch is made.
 */
export interface Masking {
  readonly maskTokenId: number;
  /** Random tokens are below this, and none of the special ones. */
  readonly vocabulary: number;
  readonly specialTokenIds: readonly number[];
}

/**
 * The tokens artifact. Files: `SPLIT.input_ids.i32`, `SPLIT.labels.i32`, `SPLIT.offsets.i32` (little-endian int32); of examples of
 * two texts `SPLIT.token_types.i32`, and where spans are measured `SPLIT.passages.jsonl`, a `Passage` a line. Artifacts
 * of older builds have `SPLIT.jsonl` too, which nothing reads, and those of before there was a data report have none.
 */
export interface TokensMeta extends Partial<DataReport> {
  /** As in `TokenizedSplit`; absent = 1. */
  readonly sequencesPerExample?: number;
  readonly labelKind: LabelKind;
  /** Class names by class number; empty for causal language models. */
  readonly labelNames: readonly string[];
  /** By class number; of classifiers. */
  readonly classRows?: ClassRows;
  readonly splits: Readonly<Partial<Record<SplitName, SplitStatistics>>>;
  readonly cleaning: CleaningReport;
  readonly padTokenId: number;
  /** Absent where the labels are learnt as they are. */
  readonly masking?: Masking | undefined;
}

export interface SplitStatistics {
  readonly examples: number;
  readonly tokens: number;
  readonly countedTokens: number;
  readonly truncated: number;
  readonly longest: number;
}

/**
 * One padded batch, ready to feed. All arrays are row-major.
 * Only attention looks at the padded square; all else is computed for the real tokens, which `places` lists.
 * Causal language model: `labelPositions[k]` is the row in `places` of a token whose next one is counted, `labels[k]` that next token.
 * Masked language model, token classification: `labelPositions[k]` is the row of a counted token itself, `labels[k]` what is hidden there, or its class.
 * Spans: `labelPositions` are the rows of all tokens, `labels[2·b]` and `labels[2·b+1]` the positions in example b of its first and last token.
 * Of one label an example: `labels[b]` is it; `labelPositions[b]` is the row of its last token.
 */
export interface Batch {
  /** Rows: examples, or all sequences of these, example after example. */
  readonly batchSize: number;
  /** S, the longest example of the batch. */
  readonly sequenceLength: number;
  /** [B, S] */
  readonly inputIds: Int32Array;
  /** [B, S], 1 = token, 0 = padding (always on the right). */
  readonly attentionMask: Int32Array;
  /** [B, S], of examples of two texts: as in `TokenizedSplit`; 0 at padding. */
  readonly tokenTypes?: Int32Array | undefined;
  /** [tokens, 2]: example b and position t of each real token, example after example. */
  readonly places: Int32Array;
  readonly labelPositions: Int32Array;
  /** [B, S], of packed rows: the position of each token in its own example. */
  readonly positionIds?: Int32Array | undefined;
  /** [B, S], of packed rows: from 1, which example of the row a token is of; 0 = padding. */
  readonly segmentIds?: Int32Array | undefined;
  /** [counted], or [counted, K] where each row has a flag for each of K classes; of labels of tokens one each, whatever is counted. */
  readonly labels: Int32Array | Float32Array;
  /** K; of spans 2. */
  readonly labelWidth?: number | undefined;
  /** Of labels of tokens, where an example has several sequences: the row of the batch of each label, and the labels of each row [B]. */
  readonly labelRows?: Int32Array | undefined;
  readonly labelCounts?: Int32Array | undefined;
  /** Of pairs, [pairs, 2]: as in `TokenizedSplit`; zeros where there is none. */
  readonly reference?: Float32Array | undefined;
  /** Rows of the batch of each example, where there are several. */
  readonly sequencesPerExample?: number | undefined;
  /** Real tokens, and B·S − tokens. */
  readonly tokens: number;
  readonly paddedTokens: number;
  /** What the sum of losses is divided by: counted tokens, or examples. */
  readonly counted: number;
}

/** Where the next micro-batch is. The order within an epoch follows from (seed, epoch) alone. */
export interface DataCursor {
  readonly epoch: number;
  /** Micro-batches of this epoch already consumed. */
  readonly batch: number;
}
