import { activations } from '../../build/activations.js';
import type { ConfigReader } from '../config-reader.js';
import { only, read, type Fields } from '../fields.js';
import type { PostNorm } from './post-norm.js';

/** Sizes that BERT and its kin say by the same names. */
export interface BertSettings extends PostNorm {
  readonly vocabulary: number;
  readonly positions: number;
  /** The row of the table of tokens that learns nothing. */
  readonly padding: number | undefined;
  /** The decoder of the masked language model's head is the table of tokens. */
  readonly tied: boolean;
}

/** Fields of transformers' BertConfig (configuration_bert.py) that the kin of BERT have too, with their values there. */
export const bertFields: Fields = {
  vocab_size: read(30522),
  hidden_size: read(768),
  num_hidden_layers: read(12),
  num_attention_heads: read(12),
  intermediate_size: read(3072),
  hidden_act: read('gelu'),
  hidden_dropout_prob: read(0.1),
  attention_probs_dropout_prob: read(0.1),
  max_position_embeddings: read(512),
  layer_norm_eps: read(1e-12),
  tie_word_embeddings: read(true),
  is_decoder: only(false),
  add_cross_attention: only(false),
  // Up to transformers 4; the other kinds add terms to the scores.
  position_embedding_type: only('absolute'),
  pad_token_id: read(0),
};

export function readBert(read: ConfigReader): BertSettings {
  const hidden = read.positiveInteger('hidden_size');
  const vocabulary = read.positiveInteger('vocab_size');
  return {
    ...{ hidden, vocabulary, padding: read.paddingRow(vocabulary) },
    heads: headsOf(read, 'num_attention_heads', 'hidden_size', hidden),
    layers: read.positiveInteger('num_hidden_layers'),
    intermediate: read.positiveInteger('intermediate_size'),
    positions: read.positiveInteger('max_position_embeddings'),
    epsilon: read.positiveNumber('layer_norm_eps'),
    activation: read.choice('hidden_act', activations),
    hiddenDropout: read.rate('hidden_dropout_prob'),
    attentionDropout: read.rate('attention_probs_dropout_prob'),
    tied: read.flag('tie_word_embeddings'),
  };
}

/** A number of heads, by the name of its field and of that of the width that they divide. */
export function headsOf(read: ConfigReader, field: string, width: string, hidden: number): number {
  const heads = read.positiveInteger(field);
  if (hidden % heads) read.report(field, `must divide ${width}`, heads, `a divisor of ${hidden}`);
  return heads;
}

/** `classifier_dropout`; where it is null, `hidden_dropout_prob`. */
export const classifierDropout = (read: ConfigReader): number =>
  read.rate(read.isNull('classifier_dropout') ? 'hidden_dropout_prob' : 'classifier_dropout');
