import { ggufGemma2 } from '../formats/gguf/gemma2.js';
import { ConfigReader } from './config-reader.js';
import type { Family } from './family.js';
import { none, only, read, type Fields } from './fields.js';
import { decoderClasses } from './parts/decoder-heads.js';
import { readLayerKinds } from './parts/layer-kinds.js';
import { gatedActivations } from './parts/qwen-config.js';
import { readSizes, rotaryFields } from './parts/rotary-config.js';
import { rotaryDecoder, type RotaryDecoder } from './parts/rotary-decoder.js';
import { readRope } from './rope-config.js';

/** transformers' Gemma2Config (configuration_gemma2.py). */
const gemma2Fields: Fields = {
  ...rotaryFields,
  vocab_size: read(256000),
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
  query_pre_attn_scalar: read(256),
  sliding_window: read(4096),
  // Null: a window in every second layer, the first among them.
  layer_types: read(null),
  final_logit_softcapping: read(30),
  attn_logit_softcapping: read(50),
  use_bidirectional_attention: only(null, false),
};

const fields = { gemma2: gemma2Fields };

/** Gemma 2: scores and logits are bounded, what is added is normalised, every second layer sees a window. */
export const gemma2: Family<RotaryDecoder> = {
  ...rotaryDecoder,
  classes: { gemma2: decoderClasses('Gemma2') },
  fields,
  defaultTargets: { lora: ['q_proj', 'v_proj'] },
  gguf: { gemma2: ggufGemma2 },
  settings(config) {
    const read = new ConfigReader(config, gemma2Fields);
    const activation = read.choice('hidden_activation', gatedActivations);
    const sizes = readSizes(read);
    const rope = readRope(read, sizes);
    const window = read.positiveInteger('sliding_window');
    const kindOf = readLayerKinds(read, sizes.layers, (layer) =>
      layer % 2 ? 'full_attention' : 'sliding_attention',
    );
    const sights = { full_attention: { rope }, sliding_attention: { rope, window } };
    const bias = read.flag('attention_bias');
    const cap = (name: string) => (read.isNull(name) ? undefined : read.positiveNumber(name));
    return read.result({
      ...sizes,
      activation,
      sight: (layer) => sights[kindOf(layer)],
      ...{ qkvBias: bias, outputBias: bias, mlpBias: false, outputNorms: true, unit: 1 },
      embeddingScale: Math.sqrt(sizes.hidden),
      scale: read.positiveNumber('query_pre_attn_scalar') ** -0.5,
      scoreSoftcap: cap('attn_logit_softcapping'),
      logitSoftcap: cap('final_logit_softcapping'),
    });
  },
};
