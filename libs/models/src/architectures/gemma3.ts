import { ggufGemma3 } from '../formats/gguf/gemma3.js';
import { ConfigReader } from './config-reader.js';
import type { Family } from './family.js';
import { none, only, read, type Fields } from './fields.js';
import { gemmaFields, readGemma } from './parts/gemma-config.js';
import { rotaryDecoder, type RotaryDecoder } from './parts/rotary-decoder.js';
import { readRopeOf } from './parts/rope-by-kind.js';

/** transformers' Gemma3TextConfig (configuration_gemma3.py). */
const gemma3Fields: Fields = {
  ...gemmaFields,
  vocab_size: read(262208),
  max_position_embeddings: read(131072),
  // Up to transformers 4: theta of the layers with a window. That of the others is rope_theta.
  rope_theta: read(1e6),
  rope_local_base_freq: read(10000),
  // Every so manyth layer sees all tokens; layer_types says it layer by layer.
  sliding_window_pattern: read(6),
  // Gemma3Attention keeps it and never applies it.
  attn_logit_softcapping: { ...none, float: true },
  use_bidirectional_attention: only(false),
};
const fields = { gemma3_text: gemma3Fields };

const { 'causal-lm': causalLm, 'sequence-classification': classifier, embedding } = rotaryDecoder.heads;

/** Gemma 3, of text alone: Gemma 2 with normalised heads, and rotary positions that differ by the kind of layer. */
export const gemma3: Family<RotaryDecoder> = {
  ...rotaryDecoder,
  classes: {
    gemma3_text: {
      'causal-lm': 'Gemma3ForCausalLM',
      'sequence-classification': 'Gemma3TextForSequenceClassification',
      embedding: 'Gemma3TextModel',
    },
  },
  heads: { 'causal-lm': causalLm, 'sequence-classification': classifier, embedding },
  fields,
  defaultTargets: {
    updated: ['q_proj', 'v_proj'],
    scaled: ['q_proj', 'v_proj', 'down_proj'],
    feedforward: ['down_proj'],
  },
  gguf: { gemma3: ggufGemma3 },
  settings(config) {
    const read = new ConfigReader(config, fields.gemma3_text);
    const period = read.isNull('sliding_window_pattern') ? 6 : read.positiveInteger('sliding_window_pattern');
    const rule = (layer: number) => ((layer + 1) % period ? 'sliding_attention' : 'full_attention');
    const settings = readGemma(read, rule, (sizes) => ({
      full_attention: { rope: readRopeOf(read, 'full_attention', 'rope_theta', sizes) },
      sliding_attention: { rope: readRopeOf(read, 'sliding_attention', 'rope_local_base_freq', sizes) },
    }));
    return read.result({ ...settings, headNorms: 'alike' });
  },
};
