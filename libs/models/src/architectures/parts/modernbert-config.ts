import { activations, type ActivationName } from '../../build/activations.js';
import { ConfigReader } from '../config-reader.js';
import type { Family, HfConfig } from '../family.js';
import { none, read, type Fields } from '../fields.js';
import type { Rope } from '../rope.js';
import { readRope } from '../rope-config.js';
import { headsOf } from './bert-config.js';

/** What a layer's attention sees, and how it turns positions. */
export interface ModernBertLayer {
  readonly rotary: Rope;
  /** A token sees those that are less than so many positions away. */
  readonly window: number | undefined;
}

export interface ModernBertSettings {
  readonly hidden: number;
  readonly layers: number;
  layer(n: number): ModernBertLayer;
  readonly heads: number;
  readonly intermediate: number;
  readonly vocabulary: number;
  /** The row of the table of tokens that learns nothing. */
  readonly padding: number | undefined;
  readonly positions: number;
  readonly epsilon: number;
  readonly activation: ActivationName;
  readonly normBias: boolean;
  readonly attentionBias: boolean;
  readonly mlpBias: boolean;
  readonly headBias: boolean;
  readonly headActivation: ActivationName;
  readonly decoderBias: boolean;
  readonly tied: boolean;
  /** What a classifier reads: the first token's row, or the mean of all. */
  readonly pooling: 'cls' | 'mean';
  readonly embeddingDropout: number;
  readonly attentionDropout: number;
  readonly mlpDropout: number;
  readonly classifierDropout: number;
}

/** transformers' ModernBertConfig (configuration_modernbert.py), and what older files say. */
export const modernBertFields: Fields = {
  vocab_size: read(50368),
  hidden_size: read(768),
  intermediate_size: read(1152),
  num_hidden_layers: read(22),
  num_attention_heads: read(12),
  hidden_activation: read('gelu'),
  max_position_embeddings: read(8192),
  initializer_cutoff_factor: { ...none, float: true },
  norm_eps: read(1e-5),
  norm_bias: read(false),
  cls_token_id: none,
  sep_token_id: none,
  attention_bias: read(false),
  attention_dropout: read(0),
  // Null: global_attn_every_n_layers decides.
  layer_types: read(null),
  rope_parameters: read(null),
  local_attention: read(128),
  embedding_dropout: read(0),
  mlp_bias: read(false),
  mlp_dropout: read(0),
  decoder_bias: read(true),
  classifier_pooling: read('cls'),
  classifier_dropout: read(0),
  classifier_bias: read(false),
  classifier_activation: read('gelu'),
  deterministic_flash_attn: none,
  // Which rows the decoder computes: those that are counted.
  sparse_prediction: none,
  sparse_pred_ignore_index: none,
  tie_word_embeddings: read(true),
  // Up to transformers 4.
  global_attn_every_n_layers: read(3),
  global_rope_theta: read(160000),
  local_rope_theta: read(10000),
  rope_scaling: read(null),
  position_embedding_type: none,
  pad_token_id: read(50283),
};

const kinds = ['full_attention', 'sliding_attention'] as const;
type Kind = (typeof kinds)[number];
const thetas = { full_attention: 'global_rope_theta', sliding_attention: 'local_rope_theta' } as const;

/** How ModernBERT's config.json is read. */
export const readModernBert = (config: HfConfig): ReturnType<Family<ModernBertSettings>['settings']> => {
  const read = new ConfigReader(config, modernBertFields);
  const hidden = read.positiveInteger('hidden_size');
  const heads = headsOf(read, 'num_attention_heads', 'hidden_size', hidden);
  const positions = read.positiveInteger('max_position_embeddings');
  const vocabulary = read.positiveInteger('vocab_size');
  return read.result({
    ...{ hidden, heads, positions, vocabulary },
    padding: read.paddingRow(vocabulary),
    layers: read.positiveInteger('num_hidden_layers'),
    layer: layerOf(read, hidden / heads, positions),
    intermediate: read.positiveInteger('intermediate_size'),
    epsilon: read.positiveNumber('norm_eps'),
    activation: read.choice('hidden_activation', activations),
    normBias: read.flag('norm_bias'),
    attentionBias: read.flag('attention_bias'),
    mlpBias: read.flag('mlp_bias'),
    headBias: read.flag('classifier_bias'),
    headActivation: read.choice('classifier_activation', activations),
    decoderBias: read.flag('decoder_bias'),
    tied: read.flag('tie_word_embeddings'),
    pooling: read.choice('classifier_pooling', { cls: true, mean: true }),
    embeddingDropout: read.rate('embedding_dropout'),
    attentionDropout: read.rate('attention_dropout'),
    mlpDropout: read.rate('mlp_dropout'),
    classifierDropout: read.rate('classifier_dropout'),
  });
};

function layerOf(read: ConfigReader, headSize: number, positions: number): (n: number) => ModernBertLayer {
  if (headSize % 2)
    read.report('num_attention_heads', 'gives heads that cannot be rotated', headSize, 'an even size');
  const even = headSize % 2 ? 2 : headSize;
  // local_attention is both sides together; the token itself is between them.
  const window = Math.floor(read.positiveInteger('local_attention') / 2) + 1;
  const byKind: Record<Kind, ModernBertLayer> = {
    full_attention: { rotary: ropeOf(read, 'full_attention', even, positions), window: undefined },
    sliding_attention: { rotary: ropeOf(read, 'sliding_attention', even, positions), window },
  };
  const kind = kindOf(read);
  return (n) => byKind[kind(n)];
}

function kindOf(read: ConfigReader): (layer: number) => Kind {
  const every = read.positiveInteger('global_attn_every_n_layers');
  if (read.isNull('layer_types')) return (layer) => (layer % every ? 'sliding_attention' : 'full_attention');
  const given = read.value('layer_types');
  const list = Array.isArray(given) ? (given as unknown[]) : [given];
  const count = read.value('num_hidden_layers');
  if (list.length !== count || !list.every((kind) => kinds.includes(kind as Kind)))
    read.report('layer_types', 'is not supported', given, `${String(count)} of ${kinds.join(', ')}`);
  return (layer) => list[layer] as Kind;
}

const ropeFields: Fields = {
  rope_parameters: read(null),
  rope_scaling: read(null),
  rope_theta: read(10000),
  original_max_position_embeddings: read(null),
};

/** The rotary positions of one kind of layer: `rope_parameters` by the kind, `rope_scaling` for both. */
function ropeOf(read: ConfigReader, kind: Kind, headSize: number, positions: number): Rope {
  const nested = objectOf(read, 'rope_parameters');
  const strange = Object.keys(nested).find((name) => !kinds.includes(name as Kind));
  if (strange !== undefined)
    read.report(`rope_parameters.${strange}`, 'is no kind of layer', nested[strange], kinds.join(', '));
  const own = typeof nested[kind] === 'object' ? (nested[kind] as object | null) : {};
  const inner = new ConfigReader(
    {
      model_type: read.config.model_type,
      rope_parameters: { ...own, ...objectOf(read, 'rope_scaling') },
      rope_theta: read.value(thetas[kind]),
    },
    ropeFields,
  );
  const rope = readRope(inner, { headSize, positions });
  for (const problem of inner.problems)
    read.problems.push({
      ...problem,
      path: problem.path.replace(/^rope_parameters/, `rope_parameters.${kind}`),
    });
  return rope;
}

function objectOf(read: ConfigReader, name: string): Record<string, unknown> {
  const value = read.value(name) ?? {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  read.report(name, 'must be an object', value);
  return {};
}
