import { ggufGemma2 } from '../formats/gguf/gemma2.js';
import { ConfigReader } from './config-reader.js';
import type { Family } from './family.js';
import { read, type Fields } from './fields.js';
import { decoderClasses } from './parts/decoder-heads.js';
import { gemmaFields, readGemma, softcap } from './parts/gemma-config.js';
import { rotaryDecoder, type RotaryDecoder } from './parts/rotary-decoder.js';
import { readRope } from './rope-config.js';

/** transformers' Gemma2Config (configuration_gemma2.py). */
const gemma2Fields: Fields = {
  ...gemmaFields,
  final_logit_softcapping: { ...read(30), float: true },
  attn_logit_softcapping: { ...read(50), float: true },
};
const fields = { gemma2: gemma2Fields };

/** Gemma 2: bounded scores and logits, norms on both sides of what is added, a window in every second layer. */
export const gemma2: Family<RotaryDecoder> = {
  ...rotaryDecoder,
  classes: { gemma2: decoderClasses('Gemma2') },
  fields,
  defaultTargets: {
    updated: ['q_proj', 'v_proj'],
    scaled: ['q_proj', 'v_proj', 'down_proj'],
    feedforward: ['down_proj'],
  },
  gguf: { gemma2: ggufGemma2 },
  settings(config) {
    const read = new ConfigReader(config, fields.gemma2);
    const rule = (layer: number) => (layer % 2 ? 'full_attention' : 'sliding_attention');
    const settings = readGemma(read, rule, (sizes) => {
      const rope = readRope(read, sizes);
      return { full_attention: { rope }, sliding_attention: { rope } };
    });
    return read.result({ ...settings, scoreSoftcap: softcap(read, 'attn_logit_softcapping') });
  },
};
