import type { Value } from '@temper/graph';
import { activations, type ActivationName } from '../build/activations.js';
import type { Build } from '../build/build.js';
import { tokenRows } from '../build/inputs.js';
import { embedding, layerNorm, layersOf, linear, type Module } from '../build/module.js';
import { ggufGptNeox } from '../formats/gguf/gpt-neox.js';
import { ConfigReader } from './config-reader.js';
import type { Family } from './family.js';
import { none, read, type Fields } from './fields.js';
import { headsOf } from './parts/bert-config.js';
import {
  causalLm,
  decoderClasses,
  lastTokenClassifier,
  meanPooled,
  tokenClassifier,
  type DecoderEnd,
} from './parts/decoder-heads.js';
import { longestFor, type Rope } from './rope.js';
import { ropeOf } from './rope-config.js';

export interface GptNeoxSettings {
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly vocabulary: number;
  readonly positions: number;
  readonly epsilon: number;
  readonly activation: ActivationName;
  readonly rope: Rope;
  /** Attention and mlp both go from the layer's input; else one from what the other has added. */
  readonly parallel: boolean;
  readonly attentionBias: boolean;
  readonly tied: boolean;
  readonly hiddenDropout: number;
  readonly attentionDropout: number;
  readonly classifierDropout: number;
}

/** transformers' GPTNeoXConfig (configuration_gpt_neox.py). */
const gptNeoxFields: Fields = {
  vocab_size: read(50432),
  hidden_size: read(6144),
  num_hidden_layers: read(44),
  num_attention_heads: read(64),
  intermediate_size: read(24576),
  hidden_act: read('gelu'),
  attention_dropout: read(0),
  hidden_dropout: read(0),
  classifier_dropout: read(0.1),
  max_position_embeddings: read(2048),
  layer_norm_eps: read(1e-5),
  tie_word_embeddings: read(false),
  use_parallel_residual: read(true),
  rope_parameters: read(null),
  attention_bias: read(true),
  is_decoder: none,
  // Up to transformers 4.
  rope_scaling: read(null),
  rotary_emb_base: read(10000),
  rotary_pct: read(0.25),
  original_max_position_embeddings: read(null),
  // Files say them beside the two before, whose names the class reads.
  rope_theta: none,
  partial_rotary_factor: none,
};

const BODY = 'gpt_neox';
const TABLE = `${BODY}.embed_in`;

const end: DecoderEnd<GptNeoxSettings> = {
  finish: (build, _, rows) => build.norm(`${BODY}.final_layer_norm`, rows),
  width: (s) => s.hidden,
  vocabulary: (s) => s.vocabulary,
  table: (s) => (s.tied ? TABLE : undefined),
};

/** GPT-NeoX (Black et al. 2022) and Pythia: a part of each head is rotated, attention and mlp side by side. */
export const gptNeox: Family<GptNeoxSettings> = {
  classes: { gpt_neox: decoderClasses('GPTNeoX') },
  fields: { gpt_neox: gptNeoxFields },
  body: `${BODY}.`,
  layerOf: /^gpt_neox\.layers\.(\d+)\./,
  layers: (s) => s.layers,
  width: (s) => s.hidden,
  keyWidth: (s) => s.hidden,
  tied: { table: `${TABLE}.weight`, head: 'lm_head.weight' },

  settings(config) {
    const read = new ConfigReader(config, gptNeoxFields);
    const hidden = read.positiveInteger('hidden_size');
    const heads = headsOf(read, 'num_attention_heads', 'hidden_size', hidden);
    const positions = read.positiveInteger('max_position_embeddings');
    return read.result({
      ...{ hidden, heads, positions },
      layers: read.positiveInteger('num_hidden_layers'),
      intermediate: read.positiveInteger('intermediate_size'),
      vocabulary: read.positiveInteger('vocab_size'),
      epsilon: read.positiveNumber('layer_norm_eps'),
      activation: read.choice('hidden_act', activations),
      rope: readRotary(read, hidden / heads, positions),
      parallel: read.flag('use_parallel_residual'),
      attentionBias: read.flag('attention_bias'),
      tied: read.flag('tie_word_embeddings'),
      hiddenDropout: read.rate('hidden_dropout'),
      attentionDropout: read.rate('attention_dropout'),
      classifierDropout: read.rate('classifier_dropout'),
    });
  },

  canonicalName(name) {
    // Tables that follow from the settings: the causal mask, and the angles.
    if (/(^|\.)attention\.(bias|masked_bias|rotary_emb\.\w+)$|(^|\.)rotary_emb\.\w+$/.test(name))
      return undefined;
    if (name.startsWith('embed_out.')) return name.replace('embed_out.', 'lm_head.');
    return /^(embed_in|layers|final_layer_norm)\./.test(name) ? `${BODY}.${name}` : name;
  },

  maxPositions: (s) => longestFor(s.rope, s.positions),
  vocabulary: (s) => s.vocabulary,
  defaultTargets: {
    updated: ['query_key_value'],
    scaled: ['query_key_value', 'dense_4h_to_h'],
    feedforward: ['dense_4h_to_h'],
  },
  gguf: { gptneox: ggufGptNeox },

  modules: (s) => [
    embedding(TABLE, s.vocabulary, s.hidden),
    ...layersOf(s.layers, (layer) => layerModules(s, `${BODY}.layers.${layer}`)),
    layerNorm(`${BODY}.final_layer_norm`, s.hidden, s.epsilon),
  ],

  heads: {
    'causal-lm': causalLm(end),
    'sequence-classification': lastTokenClassifier(end),
    embedding: meanPooled(end),
    'token-classification': tokenClassifier(end, 'classifier', (s) => s.classifierDropout),
  },

  forward(build, s) {
    const { g, inputs } = build;
    const words = build.embedding(TABLE, tokenRows(g, inputs, inputs.inputIds)); // [tokens, hidden]
    let x = build.dropout(TABLE, words, s.hiddenDropout);
    for (let layer = 0; layer < s.layers; layer++) x = decoderLayer(build, s, layer, x);
    return x;
  },
};

/** The class has names of its own for theta and for the share of a head that is rotated. */
function readRotary(read: ConfigReader, headSize: number, positions: number): Rope {
  const name = read.isNull('rope_scaling') ? 'rope_parameters' : 'rope_scaling';
  return ropeOf(
    read,
    { name, found: read.value(name) ?? {}, theta: 'rotary_emb_base' },
    { headSize, positions, partial: read.positiveNumber('rotary_pct') },
  );
}

function decoderLayer(build: Build, s: GptNeoxSettings, layer: number, x: Value): Value {
  const name = `${BODY}.layers.${layer}`;
  const dropped = (part: string, y: Value) => build.dropout(`${name}.${part}`, y, s.hiddenDropout);
  const attended = attention(build, s, layer, build.norm(`${name}.input_layernorm`, x));
  const middle = build.residual(layer, 'attention', x, dropped('attention', attended));
  const normal = build.norm(`${name}.post_attention_layernorm`, s.parallel ? x : middle);
  const wide = build.activation(s.activation, build.linear(`${name}.mlp.dense_h_to_4h`, normal));
  const mlp = build.linear(`${name}.mlp.dense_4h_to_h`, wide);
  return build.residual(layer, 'mlp', middle, dropped('mlp', mlp), { parallel: s.parallel });
}

function attention(build: Build, s: GptNeoxSettings, layer: number, x: Value): Value {
  const { g } = build;
  const name = `${BODY}.layers.${layer}.attention`;
  const headSize = s.hidden / s.heads;
  // Rows of each head's query, key and value stand together: [tokens, heads, 3·headSize].
  const together = build.linear(`${name}.query_key_value`, x);
  const byHead = g.op('Reshape', [together, g.int64s(0, s.heads, 3 * headSize)]);
  const parts = g.ops('Split', [byHead, g.int64s(headSize, headSize, headSize)], { axis: 2 }, 3);
  const [q, k, v] = parts.map((part) => g.op('Reshape', [part, g.int64s(0, s.hidden)]));
  const attended = build.attend({
    layer,
    place: name,
    ...{ q: q!, k: k!, v: v! },
    heads: s.heads,
    kvHeads: s.heads,
    headSize,
    causal: true,
    rotary: s.rope,
    dropout: s.attentionDropout,
  });
  return build.linear(`${name}.dense`, attended);
}

function layerModules(s: GptNeoxSettings, name: string): Module[] {
  const { hidden, intermediate, attentionBias } = s;
  return [
    layerNorm(`${name}.input_layernorm`, hidden, s.epsilon),
    layerNorm(`${name}.post_attention_layernorm`, hidden, s.epsilon),
    linear(`${name}.attention.query_key_value`, 3 * hidden, hidden, { bias: attentionBias }),
    linear(`${name}.attention.dense`, hidden, hidden, { bias: attentionBias }),
    linear(`${name}.mlp.dense_h_to_4h`, intermediate, hidden, { bias: true }),
    linear(`${name}.mlp.dense_4h_to_h`, hidden, intermediate, { bias: true }),
  ];
}
