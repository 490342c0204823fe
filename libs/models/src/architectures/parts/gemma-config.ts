import { activations } from '../../build/activations.js';
import type { ConfigReader } from '../config-reader.js';
import { none, only, read, type Fields } from '../fields.js';
import { readLayerKinds, type LayerKind } from './layer-kinds.js';
import { readSizes, rotaryFields } from './rotary-config.js';
import type { LayerSight, RotaryDecoder } from './rotary-decoder.js';

/** Fields that transformers' Gemma2Config and Gemma3TextConfig have in common (configuration_gemma3.py). */
export const gemmaFields: Fields = {
  ...rotaryFields,
  vocab_size: read(256000),
  pad_token_id: read(0),
  hidden_size: read(2304),
  intermediate_size: read(9216),
  num_hidden_layers: read(26),
  num_attention_heads: read(8),
  num_key_value_heads: read(4),
  head_dim: read(256),
  // Files say both; the class reads the second.
  hidden_act: none,
  hidden_activation: read('gelu_pytorch_tanh'),
  max_position_embeddings: read(8192),
  tie_word_embeddings: read(true),
  attention_bias: read(false),
  // Scores are divided by its root, and not by that of the heads' size.
  query_pre_attn_scalar: read(256),
  sliding_window: read(4096),
  layer_types: read(null),
  final_logit_softcapping: { ...read(null), float: true },
  use_bidirectional_attention: only(null, false),
};

export const softcap = (read: ConfigReader, name: string): number | undefined =>
  read.isNull(name) ? undefined : read.positiveNumber(name);

/** `sights` are what layers of each kind have but for the window, `rule` the kind of a layer where no list says it. */
export function readGemma(
  read: ConfigReader,
  rule: (layer: number) => LayerKind,
  sights: (sizes: ReturnType<typeof readSizes>) => Readonly<Record<LayerKind, LayerSight>>,
): RotaryDecoder {
  const sizes = readSizes(read);
  const bias = read.flag('attention_bias');
  const kindOf = readLayerKinds(read, sizes.layers, rule);
  const window = read.positiveInteger('sliding_window');
  const { full_attention: full, sliding_attention } = sights(sizes);
  const sliding = { ...sliding_attention, window };
  return {
    ...sizes,
    activation: read.choice('hidden_activation', activations),
    sight: (layer) => (kindOf(layer) === 'full_attention' ? full : sliding),
    qkvBias: bias,
    outputBias: bias,
    mlpBias: false,
    outputNorms: true,
    unit: 1,
    embeddingScale: Math.sqrt(sizes.hidden),
    scale: 1 / Math.sqrt(read.positiveNumber('query_pre_attn_scalar')),
    logitSoftcap: softcap(read, 'final_logit_softcapping'),
  };
}
