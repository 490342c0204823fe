import {
  IGNORED_LABEL,
  TemperError,
  type Passage,
  type SplitStatistics,
  type TokenizedSplit,
} from '@temper/contracts';
import { labelKinds } from '../batching/label-kinds.js';
import type { LabelledTokens } from '../tokenizer/encode-segments.js';
import { TokenLists, type SplitNumbers } from './split-numbers.js';

interface Pair {
  readonly inputIds: readonly number[];
  readonly tokenTypes: readonly number[];
  readonly passage: Passage;
}

/** Adds the tokenised examples of a split, cut to `maxLength`, to its numbers, and counts them. */
export class SplitBuilder {
  statistics: SplitStatistics = { examples: 0, tokens: 0, countedTokens: 0, truncated: 0, longest: 0 };

  constructor(
    private readonly labelKind: TokenizedSplit['labelKind'],
    private readonly maxLength: number,
    private readonly into: SplitNumbers = new TokenLists(),
  ) {
    this.into.offsets.push([0]);
  }

  /** Tokens already at most maxLength long, and whether anything was cut off before; `times`: so many examples of it. */
  addExample(inputIds: readonly number[], labels: readonly number[], truncated: boolean, times = 1): void {
    this.addSequences([inputIds], labels, truncated, times);
  }

  /** An example of two texts, with the span that is learnt. */
  addSpan(pair: Pair, labels: readonly [first: number, last: number], truncated: boolean, times = 1): void {
    this.addExample(pair.inputIds, labels, truncated, times);
    for (let n = 0; n < times; n++) {
      this.into.tokenTypes.push(pair.tokenTypes);
      this.into.addPassage(pair.passage);
    }
  }

  /** An example of several sequences, with what is learnt of them together. */
  addSequences(
    sequences: readonly (readonly number[])[],
    labels: readonly number[],
    truncated: boolean,
    times = 1,
  ): void {
    for (let n = 0; n < times; n++) {
      this.into.labels.push(labels);
      this.add(sequences, 1, truncated);
    }
  }

  /** Adds an example if a label of each of its sequences counts, and returns whether: of language models the first token is predicted by none, and what is cut off is lost. */
  addTokens(sequences: readonly LabelledTokens[], times = 1): boolean {
    const kept = sequences.map(({ labels }) => labels.slice(0, this.maxLength));
    const { first = 0 } = labelKinds[this.labelKind];
    const counted = kept.map(
      (labels) => labels.filter((label, t) => t >= first && label !== IGNORED_LABEL).length,
    );
    if (counted.includes(0)) return false;
    const cut = sequences.map(({ inputIds }) => inputIds.slice(0, this.maxLength));
    const truncated = sequences.some(({ inputIds }) => inputIds.length > this.maxLength);
    for (let n = 0; n < times; n++) {
      for (const labels of kept) this.into.labels.push(labels);
      this.add(cut, sum(counted), truncated);
    }
    return true;
  }

  private add(sequences: readonly (readonly number[])[], counted: number, truncated: boolean): void {
    if (this.into.inputIds.length > MOST - sum(sequences.map(({ length }) => length))) throw tooMany();
    for (const inputIds of sequences) {
      this.into.inputIds.push(inputIds);
      this.into.offsets.push([this.into.inputIds.length]);
    }
    const lengths = sequences.map(({ length }) => length);
    const s = this.statistics;
    this.statistics = {
      examples: s.examples + 1,
      tokens: s.tokens + sum(lengths),
      countedTokens: s.countedTokens + counted,
      truncated: s.truncated + (truncated ? 1 : 0),
      longest: Math.max(s.longest, ...lengths),
    };
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

/** Offsets are int32. */
const MOST = 2 ** 31 - 1;

const tooMany = () =>
  new TemperError('DATA_INVALID', {
    path: 'dataset',
    message: 'a split has too many tokens',
    found: `more than ${MOST.toLocaleString('en')}`,
    hint: 'dataset.limit takes fewer rows, tokenize.maxLength cuts them shorter',
  });
