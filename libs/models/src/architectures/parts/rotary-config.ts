import type { ConfigReader } from '../config-reader.js';
import { read, type Fields } from '../fields.js';

/** Fields that decoders with rotary positions name alike, with the values of transformers' LlamaConfig. */
export const rotaryFields: Fields = {
  vocab_size: read(32000),
  hidden_size: read(4096),
  intermediate_size: read(11008),
  num_hidden_layers: read(32),
  num_attention_heads: read(32),
  // Null: as many as num_attention_heads.
  num_key_value_heads: read(null),
  hidden_act: read('silu'),
  max_position_embeddings: read(2048),
  rms_norm_eps: read(1e-6),
  tie_word_embeddings: read(false),
  attention_dropout: read(0),
  rope_parameters: read(null),
  // Up to transformers 4, which is what most published configurations are; rope-config.ts has the order.
  rope_scaling: read(null),
  rope_theta: read(10000),
  original_max_position_embeddings: read(null),
  // Null: hidden_size ÷ num_attention_heads.
  head_dim: read(null),
  classifier_dropout: read(null),
  // Of other models; transformers' head for tokens takes it where there is no classifier_dropout.
  hidden_dropout: read(null),
};

/** What those fields say. */
export interface RotarySizes {
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  /** Heads of keys and values; each serves heads/kvHeads query heads. */
  readonly kvHeads: number;
  readonly headSize: number;
  readonly intermediate: number;
  readonly vocabulary: number;
  /** The row of the table of tokens that learns nothing. */
  readonly padding: number | undefined;
  readonly positions: number;
  readonly epsilon: number;
  readonly tied: boolean;
  readonly attentionDropout: number;
  /** Before the head that classifies tokens. */
  readonly classifierDropout: number;
}

/** `epsilon` is the name of the norms' field. */
export function readSizes(read: ConfigReader, epsilon = 'rms_norm_eps'): RotarySizes {
  const hidden = read.positiveInteger('hidden_size');
  const vocabulary = read.positiveInteger('vocab_size');
  const heads = read.positiveInteger('num_attention_heads');
  const kvHeads = read.isNull('num_key_value_heads') ? heads : read.positiveInteger('num_key_value_heads');
  if (heads % kvHeads)
    read.report('num_key_value_heads', 'must divide num_attention_heads', kvHeads, `a divisor of ${heads}`);
  return {
    ...{ hidden, heads, kvHeads, vocabulary, padding: read.paddingRow(vocabulary) },
    headSize: headSizeOf(read, hidden, heads),
    positions: read.positiveInteger('max_position_embeddings'),
    layers: read.positiveInteger('num_hidden_layers'),
    intermediate: read.positiveInteger('intermediate_size'),
    epsilon: read.positiveNumber(epsilon),
    tied: read.flag('tie_word_embeddings'),
    attentionDropout: rateOrNone(read, 'attention_dropout'),
    classifierDropout: classifierDropout(read),
  };
}

export const rateOrNone = (read: ConfigReader, name: string): number =>
  read.isNull(name) ? 0 : read.rate(name);

/** GenericForTokenClassification of modeling_layers.py: the first of the two that is there, else 0.1. */
function classifierDropout(read: ConfigReader): number {
  const name = ['classifier_dropout', 'hidden_dropout'].find((field) => !read.isNull(field));
  return name === undefined ? 0.1 : read.rate(name);
}

/** Rotary positions turn pairs of a head's elements. */
function headSizeOf(read: ConfigReader, hidden: number, heads: number): number {
  const derived = read.isNull('head_dim');
  const size = derived ? hidden / heads : read.positiveInteger('head_dim');
  if (!Number.isInteger(size)) {
    read.report(
      'num_attention_heads',
      'must divide hidden_size where there is no head_dim',
      heads,
      `a divisor of ${hidden}`,
    );
    return 2;
  }
  if (size % 2 === 0) return size;
  read.report(
    derived ? 'num_attention_heads' : 'head_dim',
    'gives heads of an odd size, which cannot be rotated',
    size,
  );
  return 2;
}
