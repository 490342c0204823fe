import type { Value } from '@temper/graph';
import { activations, type ActivationName } from '../build/activations.js';
import type { Build } from '../build/build.js';
import { positionIds, tokenRows } from '../build/inputs.js';
import { embedding, layerNorm, layersOf, linear, type Module } from '../build/module.js';
import { ConfigReader } from './config-reader.js';
import type { Family } from './family.js';
import { none, only, read, type Fields } from './fields.js';
import { headsOf } from './parts/bert-config.js';
import { causalLm, lastTokenClassifier, meanPooled, type DecoderEnd } from './parts/decoder-heads.js';

export interface OptSettings {
  readonly hidden: number;
  /** Elements of a row of the table of tokens, and of the head. */
  readonly tableWidth: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly vocabulary: number;
  /** The row of the table of tokens that learns nothing. */
  readonly padding: number | undefined;
  readonly positions: number;
  readonly activation: ActivationName;
  /** Norms stand before attention and mlp; else behind what they add. */
  readonly normFirst: boolean;
  /** A norm behind the last layer. */
  readonly lastNorm: boolean;
  /** Of linear modules in layers. */
  readonly bias: boolean;
  /** Norms have weights. */
  readonly affine: boolean;
  readonly tied: boolean;
  readonly dropout: number;
  readonly attentionDropout: number;
}

/** transformers' OPTConfig (configuration_opt.py). */
const optFields: Fields = {
  vocab_size: read(50272),
  hidden_size: read(768),
  num_hidden_layers: read(12),
  ffn_dim: read(3072),
  max_position_embeddings: read(2048),
  do_layer_norm_before: read(true),
  // Of checkpoints from before transformers 4.20.
  _remove_final_layer_norm: read(false),
  // Null: hidden_size.
  word_embed_proj_dim: read(null),
  dropout: read(0.1),
  attention_dropout: read(0),
  num_attention_heads: read(12),
  activation_function: read('relu'),
  // Leaves whole layers out in training.
  layerdrop: only(0),
  // First values of weights that the files hold.
  init_std: { ...none, float: true },
  enable_bias: read(true),
  layer_norm_elementwise_affine: read(true),
  tie_word_embeddings: read(true),
  pad_token_id: read(1),
};

/** OPTDecoderLayer makes its norms without saying an epsilon: PyTorch's. */
const EPSILON = 1e-5;
/** Rows of the table of positions before that of the first token (OPTLearnedPositionalEmbedding). */
const OFFSET = 2;

const BODY = 'model.decoder';
const TABLE = `${BODY}.embed_tokens`;

const norm = (s: OptSettings, name: string): Module =>
  layerNorm(name, s.hidden, EPSILON, { affine: s.affine });

const isProjected = (s: OptSettings): boolean => s.tableWidth !== s.hidden;

const end: DecoderEnd<OptSettings> = {
  finish: (build, s, rows) => {
    const normal = s.lastNorm ? build.norm(`${BODY}.final_layer_norm`, rows) : rows;
    return isProjected(s) ? build.linear(`${BODY}.project_out`, normal) : normal;
  },
  width: (s) => s.tableWidth,
  vocabulary: (s) => s.vocabulary,
  table: (s) => (s.tied ? TABLE : undefined),
};

/** OPT and Galactica (Zhang et al. 2022): learned positions, norms before or behind, no gate. */
export const opt: Family<OptSettings> = {
  classes: {
    opt: {
      'causal-lm': 'OPTForCausalLM',
      'sequence-classification': 'OPTForSequenceClassification',
      embedding: 'OPTModel',
    },
  },
  fields: { opt: optFields },
  body: 'model.',
  width: (s) => s.hidden,
  keyWidth: (s) => s.hidden,
  layerOf: /^model\.decoder\.layers\.(\d+)\./,
  layers: (s) => s.layers,
  tied: { table: `${TABLE}.weight`, head: 'lm_head.weight' },

  settings(config) {
    const read = new ConfigReader(config, optFields);
    const hidden = read.positiveInteger('hidden_size');
    const vocabulary = read.positiveInteger('vocab_size');
    const normFirst = read.flag('do_layer_norm_before');
    return read.result({
      ...{ hidden, normFirst, vocabulary, padding: read.paddingRow(vocabulary) },
      heads: headsOf(read, 'num_attention_heads', 'hidden_size', hidden),
      tableWidth: read.isNull('word_embed_proj_dim') ? hidden : read.positiveInteger('word_embed_proj_dim'),
      layers: read.positiveInteger('num_hidden_layers'),
      intermediate: read.positiveInteger('ffn_dim'),
      positions: read.positiveInteger('max_position_embeddings'),
      activation: read.choice('activation_function', activations),
      lastNorm: !read.flag('_remove_final_layer_norm') && normFirst,
      bias: read.flag('enable_bias'),
      affine: read.flag('layer_norm_elementwise_affine'),
      tied: read.flag('tie_word_embeddings'),
      dropout: read.rate('dropout'),
      attentionDropout: read.rate('attention_dropout'),
    });
  },

  canonicalName: (name) => (name.startsWith('decoder.') ? `model.${name}` : name),

  maxPositions: (s) => s.positions,
  vocabulary: (s) => s.vocabulary,
  defaultTargets: {
    updated: ['q_proj', 'v_proj'],
    scaled: ['q_proj', 'k_proj', 'fc2'],
    feedforward: ['fc2'],
  },

  modules: (s) => [
    embedding(TABLE, s.vocabulary, s.tableWidth, { padding: s.padding }),
    embedding(`${BODY}.embed_positions`, s.positions + OFFSET, s.hidden),
    ...(isProjected(s)
      ? [
          linear(`${BODY}.project_out`, s.tableWidth, s.hidden),
          linear(`${BODY}.project_in`, s.hidden, s.tableWidth),
        ]
      : []),
    ...(s.lastNorm ? [norm(s, `${BODY}.final_layer_norm`)] : []),
    ...layersOf(s.layers, (layer) => layerModules(s, `${BODY}.layers.${layer}`)),
  ],

  heads: {
    'causal-lm': causalLm(end),
    'sequence-classification': lastTokenClassifier(end),
    embedding: meanPooled(end),
  },

  forward(build, s) {
    let x = embed(build, s);
    for (let layer = 0; layer < s.layers; layer++) x = decoderLayer(build, s, layer, x);
    return x;
  },
};

/** [tokens, hidden] */
function embed(build: Build, s: OptSettings): Value {
  const { g, inputs } = build;
  const words = build.embedding(TABLE, tokenRows(g, inputs, inputs.inputIds));
  const wide = isProjected(s) ? build.linear(`${BODY}.project_in`, words) : words;
  const rows = g.op('Add', [positionIds(g, inputs), g.scalar('int64', OFFSET)]);
  return g.op('Add', [wide, build.embedding(`${BODY}.embed_positions`, rows)]);
}

function decoderLayer(build: Build, s: OptSettings, layer: number, x: Value): Value {
  const name = `${BODY}.layers.${layer}`;
  const add = (part: 'attention' | 'mlp', normName: string, before: Value, of: (x: Value) => Value) => {
    const output = of(s.normFirst ? build.norm(`${name}.${normName}`, before) : before);
    const y = build.dropout(`${name}.${part}`, output, s.dropout);
    return build.residual(layer, part, before, y, s.normFirst ? {} : { sumNorm: `${name}.${normName}` });
  };
  const middle = add('attention', 'self_attn_layer_norm', x, (input) => attention(build, s, layer, input));
  return add('mlp', 'final_layer_norm', middle, (input) => {
    const wide = build.activation(s.activation, build.linear(`${name}.fc1`, input));
    return build.linear(`${name}.fc2`, wide);
  });
}

function attention(build: Build, s: OptSettings, layer: number, x: Value): Value {
  const name = `${BODY}.layers.${layer}.self_attn`;
  const project = (part: string) => build.linear(`${name}.${part}_proj`, x);
  const attended = build.attend({
    layer,
    place: name,
    q: project('q'),
    k: project('k'),
    v: project('v'),
    heads: s.heads,
    kvHeads: s.heads,
    headSize: s.hidden / s.heads,
    causal: true,
    dropout: s.attentionDropout,
  });
  return build.linear(`${name}.out_proj`, attended);
}

function layerModules(s: OptSettings, name: string): Module[] {
  const { bias, hidden, intermediate } = s;
  return [
    ...['k', 'v', 'q', 'out'].map((part) =>
      linear(`${name}.self_attn.${part}_proj`, hidden, hidden, { bias }),
    ),
    norm(s, `${name}.self_attn_layer_norm`),
    linear(`${name}.fc1`, intermediate, hidden, { bias }),
    linear(`${name}.fc2`, hidden, intermediate, { bias }),
    norm(s, `${name}.final_layer_norm`),
  ];
}
