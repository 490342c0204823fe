import { ggufQwen3 } from '../formats/gguf/qwen.js';
import type { Family } from './family.js';
import { read, type Fields } from './fields.js';
import { decoderClasses } from './parts/decoder-heads.js';
import { qwenFields, readQwen } from './parts/qwen-config.js';
import { rotaryDecoder, type RotaryDecoder } from './parts/rotary-decoder.js';

/** transformers' Qwen3Config (configuration_qwen3.py). */
const qwen3Fields: Fields = { ...qwenFields, head_dim: read(128), attention_bias: read(false) };
const fields = { qwen3: qwen3Fields };

/** Qwen3: each head's queries and keys are normalised before they are rotated. */
export const qwen3: Family<RotaryDecoder> = {
  ...rotaryDecoder,
  classes: { qwen3: decoderClasses('Qwen3') },
  fields,
  defaultTargets: {
    updated: ['q_proj', 'v_proj'],
    scaled: ['q_proj', 'v_proj', 'down_proj'],
    feedforward: ['down_proj'],
  },
  gguf: { qwen3: ggufQwen3 },
  settings(config) {
    const { read, settings } = readQwen(config, fields.qwen3);
    const bias = read.flag('attention_bias');
    return read.result({ ...settings, qkvBias: bias, outputBias: bias, headNorms: 'alike' });
  },
};
