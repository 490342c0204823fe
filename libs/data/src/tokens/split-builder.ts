import { IGNORED_LABEL, type SplitStatistics, type TokenizedSplit } from '@temper/contracts';
import { labelKinds } from '../batching/label-kinds.js';
import type { LabelledTokens } from '../tokenizer/encode-segments.js';
import { TokenList } from './token-list.js';

/** Collects the tokenised examples of a split, cut to `maxLength`, with their statistics. */
export class SplitBuilder {
  private readonly inputIds = new TokenList();
  private readonly labels = new TokenList();
  private readonly offsets = new TokenList();
  private statistics = { examples: 0, tokens: 0, countedTokens: 0, truncated: 0, longest: 0 };

  constructor(
    private readonly labelKind: TokenizedSplit['labelKind'],
    private readonly maxLength: number,
  ) {
    this.offsets.push([0]);
  }

  /** Tokens already at most maxLength long, and whether anything was cut off before. */
  addExample(inputIds: readonly number[], labels: readonly number[], truncated: boolean): void {
    this.labels.push(labels);
    this.add(inputIds, 1, truncated);
  }

  /** Adds an example if any label counts, and returns whether: of language models the first token is predicted by none, and what is cut off is lost. */
  addTokens({ inputIds, labels }: LabelledTokens): boolean {
    const kept = labels.slice(0, this.maxLength);
    const { first = 0 } = labelKinds[this.labelKind];
    const counted = kept.filter((label, t) => t >= first && label !== IGNORED_LABEL).length;
    if (!counted) return false;
    this.labels.push(kept);
    this.add(inputIds.slice(0, this.maxLength), counted, inputIds.length > this.maxLength);
    return true;
  }

  private add(inputIds: readonly number[], counted: number, truncated: boolean): void {
    this.inputIds.push(inputIds);
    this.offsets.push([this.inputIds.length]);
    const s = this.statistics;
    this.statistics = {
      examples: s.examples + 1,
      tokens: s.tokens + inputIds.length,
      countedTokens: s.countedTokens + counted,
      truncated: s.truncated + (truncated ? 1 : 0),
      longest: Math.max(s.longest, inputIds.length),
    };
  }

  finish(): { split: TokenizedSplit; statistics: SplitStatistics } {
    const { labelKind, statistics } = this;
    const split = {
      labelKind,
      inputIds: this.inputIds.toArray(),
      labels: this.labels.toArray(),
      offsets: this.offsets.toArray(),
    };
    return { split, statistics };
  }
}
