import type { Value } from '@temper/graph';
import type { Build } from '../build/build.js';
import type { Rope } from '../architectures/rope.js';

/** Attention of one layer. Sizes: q is [tokens, heads·headSize], k and v are [tokens, kvHeads·headSize]. */
export interface Attention {
  readonly layer: number;
  /** Where dropout is, and what errors name. */
  readonly place: string;
  readonly q: Value;
  readonly k: Value;
  readonly v: Value;
  readonly heads: number;
  /** Heads of keys and values; each serves heads/kvHeads query heads. */
  readonly kvHeads: number;
  readonly headSize: number;
  /** A token sees those before it, and itself; else all of its example. */
  readonly causal: boolean;
  /** A token sees so many positions back; of one that is not causal, so many to each side. */
  readonly window?: number | undefined;
  /** Turns queries and keys by their positions. */
  readonly rotary?: Rope | undefined;
  /** Default 1/√headSize. */
  readonly scale?: number | undefined;
  /** Scores become softcap·tanh(score/softcap). */
  readonly softcap?: number | undefined;
  /** Further terms of the scores, of layers in which each query head has a key head: broadcast to [B, heads, Q, K]. */
  readonly scoreBias?: ((scores: ScoreContext) => Value) | undefined;
  /** What config.json says for the weights. */
  readonly dropout: number;
  /** q holds one row an example, its first token's: [B, heads·headSize]. */
  readonly firstOnly?: boolean | undefined;
}

/** Queries and keys as a strategy has laid them out: [B, heads, Q, headSize] and [B, heads, K, headSize]. */
export interface ScoreContext {
  readonly queries: Value;
  readonly keys: Value;
  /** int64 [Q, K]: the position of each query less that of each key. */
  readonly distances: Value;
}

/** How tokens are laid out for attention: padded batches, packed segments, or one token after a cache. */
export interface AttentionStrategy {
  /** Returns rows as q has them: [tokens, heads·headSize]. */
  attend(build: Build, attention: Attention): Value;
  /** What the graph gives back beside the logits, by the names of outputs. */
  readonly outputs: ReadonlyMap<string, Value>;
}
