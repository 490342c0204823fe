import { ggufOlmo2 } from '../formats/gguf/olmo2.js';
import { activations } from '../build/activations.js';
import { ConfigReader } from './config-reader.js';
import type { Family } from './family.js';
import { read, type Fields } from './fields.js';
import { readSizes, rotaryFields } from './parts/rotary-config.js';
import { llamaTargets, rotaryDecoder, type RotaryDecoder } from './parts/rotary-decoder.js';
import { readRope } from './rope-config.js';

/** transformers' Olmo2Config (configuration_olmo2.py). */
const olmo2Fields: Fields = {
  ...rotaryFields,
  pad_token_id: read(1),
  vocab_size: read(50304),
  rms_norm_eps: read(1e-5),
  attention_bias: read(false),
};

const { 'causal-lm': causalLm, 'sequence-classification': classifier, embedding } = rotaryDecoder.heads;

/** OLMo 2 (OLMo et al. 2024): what attention and mlp put out is normalised, and not what goes in; queries and keys by all heads at once. */
export const olmo2: Family<RotaryDecoder> = {
  ...rotaryDecoder,
  classes: {
    olmo2: {
      'causal-lm': 'Olmo2ForCausalLM',
      'sequence-classification': 'Olmo2ForSequenceClassification',
      embedding: 'Olmo2Model',
    },
  },
  heads: { 'causal-lm': causalLm, 'sequence-classification': classifier, embedding },
  fields: { olmo2: olmo2Fields },
  // PEFT has no default for it: what it takes of Llama.
  defaultTargets: llamaTargets,
  gguf: { olmo2: ggufOlmo2 },
  settings(config) {
    const read = new ConfigReader(config, olmo2Fields);
    const activation = read.choice('hidden_act', activations);
    const sizes = readSizes(read);
    const rope = readRope(read, sizes);
    const bias = read.flag('attention_bias');
    return read.result({
      ...sizes,
      activation,
      sight: () => ({ rope }),
      ...{ qkvBias: bias, outputBias: bias, mlpBias: false },
      ...{ headNorms: 'together', inputNorms: false, outputNorms: true },
    });
  },
};
