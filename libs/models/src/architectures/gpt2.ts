import type { Value } from '@temper/graph';
import { activations, type ActivationName } from '../build/activations.js';
import type { Build } from '../build/build.js';
import { positionIds, tokenRows } from '../build/inputs.js';
import { embedding, layerNorm, layersOf, linear } from '../build/module.js';
import { ggufGpt2 } from '../formats/gguf/gpt2.js';
import { ConfigReader } from './config-reader.js';
import type { Family } from './family.js';
import { none, only, read, type Fields } from './fields.js';
import { headsOf } from './parts/bert-config.js';
import {
  causalLm,
  decoderClasses,
  lastTokenClassifier,
  meanPooled,
  tokenClassifier,
  type DecoderEnd,
} from './parts/decoder-heads.js';

export interface Settings {
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly vocabulary: number;
  readonly positions: number;
  readonly epsilon: number;
  readonly activation: ActivationName;
  readonly tied: boolean;
  /** Scores are divided by the root of a head's size, and by the number of the layer, from 1. */
  readonly scaled: boolean;
  readonly scaledByLayer: boolean;
  readonly embeddingDropout: number;
  readonly attentionDropout: number;
  readonly residualDropout: number;
  readonly classifierDropout: number;
}

/** transformers' GPT2Config (configuration_gpt2.py). */
const gpt2Fields: Fields = {
  vocab_size: read(50257),
  n_positions: read(1024),
  // Up to transformers 2.
  n_ctx: none,
  n_embd: read(768),
  n_layer: read(12),
  n_head: read(12),
  // Null: four times n_embd.
  n_inner: read(null),
  activation_function: read('gelu_new'),
  resid_pdrop: read(0.1),
  embd_pdrop: read(0.1),
  attn_pdrop: read(0.1),
  layer_norm_epsilon: read(1e-5),
  // Of heads for multiple choice.
  summary_type: none,
  summary_use_proj: none,
  summary_activation: none,
  summary_proj_to_labels: none,
  summary_first_dropout: none,
  scale_attn_weights: read(true),
  scale_attn_by_inverse_layer_idx: read(false),
  // The same sums in another order, for half precision.
  reorder_and_upcast_attn: none,
  add_cross_attention: only(false),
  tie_word_embeddings: read(true),
  classifier_dropout: read(null),
  hidden_dropout: read(null),
};
const fields = { gpt2: gpt2Fields };

const TABLE = 'transformer.wte';
const end: DecoderEnd<Settings> = {
  finish: (build, _, rows) => build.norm('transformer.ln_f', rows),
  width: (s) => s.hidden,
  vocabulary: (s) => s.vocabulary,
  table: (s) => (s.tied ? TABLE : undefined),
};

/** GPT-2: learned positions, LayerNorm before each part, and weights that lie [inputs, outputs] (Conv1D). */
export const gpt2: Family<Settings> = {
  classes: { gpt2: decoderClasses('GPT2') },
  fields,
  body: 'transformer.',
  layerOf: /^transformer\.h\.(\d+)\./,
  layers: (s) => s.layers,
  width: (s) => s.hidden,
  keyWidth: (s) => s.hidden,
  tied: { table: `${TABLE}.weight`, head: 'lm_head.weight' },
  maxPositions: (s) => s.positions,
  vocabulary: (s) => s.vocabulary,
  defaultTargets: {
    updated: ['c_attn'],
    scaled: ['c_attn', 'mlp.c_proj'],
    feedforward: ['mlp.c_proj'],
  },
  gguf: { gpt2: ggufGpt2 },

  settings(config) {
    const read = new ConfigReader(config, fields.gpt2);
    const hidden = read.positiveInteger('n_embd');
    const dropout = ['classifier_dropout', 'hidden_dropout'].find((name) => !read.isNull(name));
    return read.result({
      hidden,
      heads: headsOf(read, 'n_head', 'n_embd', hidden),
      layers: read.positiveInteger('n_layer'),
      intermediate: read.isNull('n_inner') ? 4 * hidden : read.positiveInteger('n_inner'),
      vocabulary: read.positiveInteger('vocab_size'),
      positions: read.positiveInteger('n_positions'),
      epsilon: read.positiveNumber('layer_norm_epsilon'),
      activation: read.choice('activation_function', activations),
      tied: read.flag('tie_word_embeddings'),
      scaled: read.flag('scale_attn_weights'),
      scaledByLayer: read.flag('scale_attn_by_inverse_layer_idx'),
      embeddingDropout: read.rate('embd_pdrop'),
      attentionDropout: read.rate('attn_pdrop'),
      residualDropout: read.rate('resid_pdrop'),
      classifierDropout: dropout === undefined ? 0.1 : read.rate(dropout),
    });
  },

  canonicalName(name) {
    // The causal mask, which old checkpoints hold.
    if (/(^|\.)attn\.(bias|masked_bias)$/.test(name)) return undefined;
    return /^(wte|wpe|h|ln_f)\./.test(name) ? `transformer.${name}` : name;
  },

  modules: (s) => [
    embedding(TABLE, s.vocabulary, s.hidden),
    embedding('transformer.wpe', s.positions, s.hidden),
    ...layersOf(s.layers, (layer) => {
      const name = `transformer.h.${layer}`;
      const conv = (part: string, out: number, input: number) =>
        linear(`${name}.${part}`, out, input, { bias: true, layout: 'in-out' });
      return [
        layerNorm(`${name}.ln_1`, s.hidden, s.epsilon),
        conv('attn.c_attn', 3 * s.hidden, s.hidden),
        conv('attn.c_proj', s.hidden, s.hidden),
        layerNorm(`${name}.ln_2`, s.hidden, s.epsilon),
        conv('mlp.c_fc', s.intermediate, s.hidden),
        conv('mlp.c_proj', s.hidden, s.intermediate),
      ];
    }),
    layerNorm('transformer.ln_f', s.hidden, s.epsilon),
  ],

  heads: {
    'causal-lm': causalLm(end),
    'sequence-classification': lastTokenClassifier(end),
    embedding: meanPooled(end),
    'token-classification': tokenClassifier(end, 'classifier', (s) => s.classifierDropout),
  },

  forward(build, s) {
    const { g, inputs } = build;
    const words = build.embedding(TABLE, tokenRows(g, inputs, inputs.inputIds));
    const places = build.embedding('transformer.wpe', positionIds(g, inputs));
    let x = build.dropout('transformer.drop', g.op('Add', [words, places]), s.embeddingDropout);
    for (let layer = 0; layer < s.layers; layer++) x = block(build, s, layer, x);
    return x;
  },
};

function block(build: Build, s: Settings, layer: number, x: Value): Value {
  const { g } = build;
  const name = `transformer.h.${layer}`;
  const width = g.int64s(s.hidden, s.hidden, s.hidden);
  const all = build.linear(`${name}.attn.c_attn`, build.norm(`${name}.ln_1`, x));
  const [q, k, v] = g.ops('Split', [all, width], { axis: 1 }, 3);
  const headSize = s.hidden / s.heads;
  const attended = build.attend({
    ...{ layer, place: `${name}.attn`, q: q!, k: k!, v: v!, causal: true, headSize },
    heads: s.heads,
    kvHeads: s.heads,
    scale: (s.scaled ? 1 / Math.sqrt(headSize) : 1) / (s.scaledByLayer ? layer + 1 : 1),
    dropout: s.attentionDropout,
  });
  const part = (module: string, from: Value) =>
    build.dropout(
      `${name}.${module}.c_proj`,
      build.linear(`${name}.${module}.c_proj`, from),
      s.residualDropout,
    );
  const middle = build.residual(layer, 'attention', x, part('attn', attended));
  const wide = build.linear(`${name}.mlp.c_fc`, build.norm(`${name}.ln_2`, middle));
  return build.residual(layer, 'mlp', middle, part('mlp', build.activation(s.activation, wide)));
}
