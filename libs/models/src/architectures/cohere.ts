import { ggufCohere } from '../formats/gguf/cohere.js';
import { activations } from '../build/activations.js';
import { ConfigReader } from './config-reader.js';
import type { Family } from './family.js';
import { none, read, type Fields } from './fields.js';
import { readSizes, rotaryFields } from './parts/rotary-config.js';
import { llamaTargets, rotaryDecoder, type RotaryDecoder } from './parts/rotary-decoder.js';
import { readRope } from './rope-config.js';

/** transformers' CohereConfig (configuration_cohere.py). */
const cohereFields: Fields = {
  ...rotaryFields,
  pad_token_id: read(0),
  vocab_size: read(256000),
  hidden_size: read(8192),
  intermediate_size: read(22528),
  num_hidden_layers: read(40),
  num_attention_heads: read(64),
  max_position_embeddings: read(8192),
  rms_norm_eps: none,
  layer_norm_eps: read(1e-5),
  tie_word_embeddings: read(true),
  rope_theta: read(500000),
  attention_bias: read(false),
  logit_scale: { ...read(0.0625), float: true },
  use_qk_norm: read(false),
};

export interface Cohere extends RotaryDecoder {
  /** Logits are multiplied by it. */
  readonly logitScale: number;
}

const heads = rotaryDecoder.heads;

/** Command-R (Cohere): attention and mlp side by side behind one norm without a bias; neighbouring elements of a head turn together. */
export const cohere: Family<Cohere> = {
  ...rotaryDecoder,
  classes: { cohere: { 'causal-lm': 'CohereForCausalLM', embedding: 'CohereModel' } },
  fields: { cohere: cohereFields },
  // PEFT has no default for it: what it takes of Llama.
  defaultTargets: llamaTargets,
  gguf: { 'command-r': ggufCohere },
  heads: {
    'causal-lm': {
      modules: heads['causal-lm'].modules,
      forward(build, s, x) {
        const { g } = build;
        const logits = heads['causal-lm'].forward(build, s, x);
        return g.op('Mul', [logits, g.scalar('float32', s.logitScale)]);
      },
    },
    embedding: heads.embedding,
  },
  settings(config) {
    const read = new ConfigReader(config, cohereFields);
    const activation = read.choice('hidden_act', activations);
    const sizes = readSizes(read, 'layer_norm_eps');
    const rope = { ...readRope(read, sizes), interleaved: true } as const;
    const bias = read.flag('attention_bias');
    return read.result({
      ...sizes,
      activation,
      sight: () => ({ rope }),
      ...{ qkvBias: bias, outputBias: bias, mlpBias: false },
      ...{ parallel: true, normForm: 'layer' },
      headNorms: read.flag('use_qk_norm') ? 'own' : undefined,
      logitScale: read.positiveNumber('logit_scale'),
    });
  },
};
