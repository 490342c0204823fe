import type { Value } from '@temper/graph';
import { activations } from '../build/activations.js';
import type { Build } from '../build/build.js';
import { ggufGranite } from '../formats/gguf/granite.js';
import { ConfigReader } from './config-reader.js';
import type { Family } from './family.js';
import { read, type Fields } from './fields.js';
import { readSizes, rotaryFields } from './parts/rotary-config.js';
import { llamaTargets, rotaryDecoder, type RotaryDecoder } from './parts/rotary-decoder.js';
import { readRope } from './rope-config.js';

/** transformers' GraniteConfig (configuration_granite.py). */
const graniteFields: Fields = {
  ...rotaryFields,
  attention_bias: read(false),
  mlp_bias: read(false),
  embedding_multiplier: read(1),
  residual_multiplier: read(1),
  attention_multiplier: read(1),
  logits_scaling: read(1),
};

export interface Granite extends RotaryDecoder {
  /** Logits are divided by it. */
  readonly logitDivisor: number;
}

const heads = rotaryDecoder.heads;

/** Granite 3 and 4 (dense): Llama with factors on embeddings, scores, what is added, and logits. */
export const granite: Family<Granite> = {
  ...rotaryDecoder,
  classes: { granite: { 'causal-lm': 'GraniteForCausalLM', embedding: 'GraniteModel' } },
  fields: { granite: graniteFields },
  defaultTargets: llamaTargets,
  gguf: { granite: ggufGranite },
  heads: {
    'causal-lm': {
      modules: heads['causal-lm'].modules,
      forward: (build, s, x) => divided(build, heads['causal-lm'].forward(build, s, x), s.logitDivisor),
    },
    embedding: heads.embedding,
  },
  settings(config) {
    const read = new ConfigReader(config, graniteFields);
    const activation = read.choice('hidden_act', activations);
    const sizes = readSizes(read);
    const rope = readRope(read, sizes);
    const bias = read.flag('attention_bias');
    return read.result({
      ...sizes,
      activation,
      sight: () => ({ rope }),
      qkvBias: bias,
      outputBias: bias,
      mlpBias: read.flag('mlp_bias'),
      inputScale: read.positiveNumber('embedding_multiplier'),
      residualScale: read.positiveNumber('residual_multiplier'),
      scale: read.positiveNumber('attention_multiplier'),
      logitDivisor: read.positiveNumber('logits_scaling'),
    });
  },
};

const divided = ({ g }: Build, logits: Value, by: number) => g.op('Div', [logits, g.scalar('float32', by)]);
