import { ggufQwen2 } from '../formats/gguf/qwen.js';
import type { Family } from './family.js';
import { decoderClasses } from './parts/decoder-heads.js';
import { qwenFields, readQwen } from './parts/qwen-config.js';
import { rotaryDecoder, type RotaryDecoder } from './parts/rotary-decoder.js';

const fields = { qwen2: qwenFields };

/** Qwen2 and Qwen2.5: Llama with biases of queries, keys and values. */
export const qwen2: Family<RotaryDecoder> = {
  ...rotaryDecoder,
  classes: { qwen2: decoderClasses('Qwen2') },
  fields,
  defaultTargets: {
    updated: ['q_proj', 'v_proj'],
    scaled: ['q_proj', 'v_proj', 'down_proj'],
    feedforward: ['down_proj'],
  },
  gguf: { qwen2: ggufQwen2 },
  settings(config) {
    const { read, settings } = readQwen(config, fields.qwen2);
    return read.result({ ...settings, qkvBias: true, outputBias: false });
  },
};
