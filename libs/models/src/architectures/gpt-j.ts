import type { Value } from '@temper/graph';
import { activations, type ActivationName } from '../build/activations.js';
import type { Build } from '../build/build.js';
import { tokenRows } from '../build/inputs.js';
import { embedding, layerNorm, layersOf, linear, type Module } from '../build/module.js';
import { ConfigReader } from './config-reader.js';
import type { Family } from './family.js';
import { none, read, type Fields } from './fields.js';
import { headsOf } from './parts/bert-config.js';
import { causalLm, lastTokenClassifier, meanPooled, type DecoderEnd } from './parts/decoder-heads.js';
import type { Rope } from './rope.js';

export interface Settings {
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly vocabulary: number;
  readonly positions: number;
  readonly epsilon: number;
  readonly activation: ActivationName;
  readonly rope: Rope;
  readonly tied: boolean;
  readonly embeddingDropout: number;
  readonly residualDropout: number;
  readonly attentionDropout: number;
}

/** transformers' GPTJConfig (configuration_gptj.py). */
const gptJFields: Fields = {
  vocab_size: read(50400),
  n_positions: read(2048),
  n_embd: read(4096),
  n_layer: read(28),
  n_head: read(16),
  rotary_dim: read(64),
  // Null: four times n_embd.
  n_inner: read(null),
  activation_function: read('gelu_new'),
  resid_pdrop: read(0),
  embd_pdrop: read(0),
  attn_pdrop: read(0),
  layer_norm_epsilon: read(1e-5),
  tie_word_embeddings: read(false),
  // Published files say them; the class reads neither.
  rotary: none,
  scale_attn_weights: none,
};

const BODY = 'transformer';
const TABLE = `${BODY}.wte`;

const end: DecoderEnd<Settings> = {
  finish: (build, _, rows) => build.norm(`${BODY}.ln_f`, rows),
  width: (s) => s.hidden,
  vocabulary: (s) => s.vocabulary,
  table: (s) => (s.tied ? TABLE : undefined),
  bias: true,
};

/** GPT-J (Wang and Komatsuzaki 2021): attention and mlp side by side behind one norm; the first elements of a head turn, in neighbouring pairs. */
export const gptJ: Family<Settings> = {
  classes: {
    gptj: {
      'causal-lm': 'GPTJForCausalLM',
      'sequence-classification': 'GPTJForSequenceClassification',
      embedding: 'GPTJModel',
    },
  },
  fields: { gptj: gptJFields },
  body: `${BODY}.`,
  layerOf: /^transformer\.h\.(\d+)\./,
  layers: (s) => s.layers,
  width: (s) => s.hidden,
  keyWidth: (s) => s.hidden,
  tied: { table: `${TABLE}.weight`, head: 'lm_head.weight' },

  settings(config) {
    const read = new ConfigReader(config, gptJFields);
    const hidden = read.positiveInteger('n_embd');
    const heads = headsOf(read, 'n_head', 'n_embd', hidden);
    return read.result({
      ...{ hidden, heads },
      layers: read.positiveInteger('n_layer'),
      intermediate: read.isNull('n_inner') ? 4 * hidden : read.positiveInteger('n_inner'),
      vocabulary: read.positiveInteger('vocab_size'),
      positions: read.positiveInteger('n_positions'),
      epsilon: read.positiveNumber('layer_norm_epsilon'),
      activation: read.choice('activation_function', activations),
      rope: { theta: 10000, size: rotatedOf(read, hidden / heads), scaling: undefined, interleaved: true },
      tied: read.flag('tie_word_embeddings'),
      embeddingDropout: read.rate('embd_pdrop'),
      residualDropout: read.rate('resid_pdrop'),
      attentionDropout: read.rate('attn_pdrop'),
    });
  },

  canonicalName(name) {
    // The causal mask and the angles, which older checkpoints hold.
    if (/(^|\.)attn\.(bias|masked_bias|embed_positions)$/.test(name)) return undefined;
    return /^(wte|h|ln_f)\./.test(name) ? `${BODY}.${name}` : name;
  },

  maxPositions: (s) => s.positions,
  vocabulary: (s) => s.vocabulary,
  defaultTargets: {
    updated: ['q_proj', 'v_proj'],
    scaled: ['q_proj', 'v_proj', 'fc_out'],
    feedforward: ['fc_out'],
  },

  modules: (s) => [
    embedding(TABLE, s.vocabulary, s.hidden),
    ...layersOf(s.layers, (layer) => layerModules(s, `${BODY}.h.${layer}`)),
    layerNorm(`${BODY}.ln_f`, s.hidden, s.epsilon),
  ],

  heads: {
    'causal-lm': causalLm(end),
    'sequence-classification': lastTokenClassifier(end),
    embedding: meanPooled(end),
  },

  forward(build, s) {
    const { g, inputs } = build;
    const words = build.embedding(TABLE, tokenRows(g, inputs, inputs.inputIds)); // [tokens, hidden]
    let x = build.dropout(TABLE, words, s.embeddingDropout);
    for (let layer = 0; layer < s.layers; layer++) x = decoderLayer(build, s, layer, x);
    return x;
  },
};

/** So many elements of a head turn. */
function rotatedOf(read: ConfigReader, headSize: number): number {
  const size = read.positiveInteger('rotary_dim');
  if (size % 2 === 0 && size <= headSize) return size;
  read.report('rotary_dim', 'must be an even number of the elements of a head', size, `2 to ${headSize}`);
  return 2;
}

function decoderLayer(build: Build, s: Settings, layer: number, x: Value): Value {
  const name = `${BODY}.h.${layer}`;
  const dropped = (part: string, y: Value) => build.dropout(`${name}.${part}`, y, s.residualDropout);
  const normal = build.norm(`${name}.ln_1`, x);
  const middle = build.residual(layer, 'attention', x, dropped('attn', attention(build, s, layer, normal)));
  const wide = build.activation(s.activation, build.linear(`${name}.mlp.fc_in`, normal));
  const mlp = dropped('mlp', build.linear(`${name}.mlp.fc_out`, wide));
  return build.residual(layer, 'mlp', middle, mlp, { parallel: true });
}

function attention(build: Build, s: Settings, layer: number, x: Value): Value {
  const name = `${BODY}.h.${layer}.attn`;
  const attended = build.attend({
    layer,
    place: name,
    q: build.linear(`${name}.q_proj`, x),
    k: build.linear(`${name}.k_proj`, x),
    v: build.linear(`${name}.v_proj`, x),
    heads: s.heads,
    kvHeads: s.heads,
    headSize: s.hidden / s.heads,
    causal: true,
    rotary: s.rope,
    dropout: s.attentionDropout,
  });
  return build.linear(`${name}.out_proj`, attended);
}

function layerModules(s: Settings, name: string): Module[] {
  const { hidden, intermediate } = s;
  const projection = (part: string) => linear(`${name}.attn.${part}_proj`, hidden, hidden);
  return [
    layerNorm(`${name}.ln_1`, hidden, s.epsilon),
    ...['k', 'v', 'q', 'out'].map(projection),
    linear(`${name}.mlp.fc_in`, intermediate, hidden, { bias: true }),
    linear(`${name}.mlp.fc_out`, hidden, intermediate, { bias: true }),
  ];
}
