import type { Value } from '@temper/graph';
import { ConfigReader } from './config-reader.js';
import type { Family, ForwardContext, HfConfig, Parameter } from './family.js';
import { none, only, read, type Fields } from './fields.js';
import { linear, maskBias, mergeHeads, padded, positions, splitHeads, tokenRows } from './layers.js';
import { rotaryTables, type Rope } from './rope.js';
import { readRope } from './rope-config.js';

interface LlamaSettings {
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  /** Heads of keys and values; each serves heads/kvHeads query heads. */
  readonly kvHeads: number;
  readonly headSize: number;
  readonly intermediate: number;
  readonly vocabulary: number;
  readonly positions: number;
  readonly epsilon: number;
  readonly rope: Rope;
  readonly attentionBias: boolean;
  readonly mlpBias: boolean;
  readonly tied: boolean;
  readonly attentionDropout: number;
  /** A token sees this many positions back (Mistral). */
  readonly window: number | undefined;
}

/** transformers' LlamaConfig (configuration_llama.py). */
const llamaFields: Fields = {
  vocab_size: read(32000),
  hidden_size: read(4096),
  intermediate_size: read(11008),
  num_hidden_layers: read(32),
  num_attention_heads: read(32),
  // Null: as many as num_attention_heads.
  num_key_value_heads: read(null),
  hidden_act: read('silu'),
  max_position_embeddings: read(2048),
  rms_norm_eps: read(1e-6),
  // Splits products that are summed again; transformers 5 does not read it.
  pretraining_tp: none,
  tie_word_embeddings: read(false),
  rope_parameters: read(null),
  // Up to transformers 4, which is what most published configurations are; rope-config.ts has the order.
  rope_scaling: read(null),
  rope_theta: read(10000),
  original_max_position_embeddings: read(null),
  attention_bias: read(false),
  attention_dropout: read(0),
  mlp_bias: read(false),
  // Null: hidden_size ÷ num_attention_heads.
  head_dim: read(null),
  layer_types: only(null, ['full_attention']),
  position_embedding_type: only(null, 'rope', 'rotary'),
};

/** transformers' MistralConfig (configuration_mistral.py): without biases, with a window. */
const mistralFields: Fields = {
  ...llamaFields,
  intermediate_size: read(14336),
  num_key_value_heads: read(8),
  max_position_embeddings: read(131072),
  attention_bias: only(false),
  mlp_bias: only(false),
  // Null: every token before is seen.
  sliding_window: read(4096),
  use_sliding_window: only(true),
  layer_types: only(null, ['sliding_attention']),
};

const fields = { llama: llamaFields, mistral: mistralFields };

/** ACT2FN's names of x·σ(x). */
const activations = { silu: true, swish: true };

/** Llama, SmolLM and Mistral: LlamaForCausalLM. */
export const llama: Family<LlamaSettings> = {
  classes: { llama: { 'causal-lm': 'LlamaForCausalLM' }, mistral: { 'causal-lm': 'MistralForCausalLM' } },
  fields,
  body: 'model.',
  layerOf: /^model\.layers\.(\d+)\./,
  layers: (s) => s.layers,
  tied: { table: 'model.embed_tokens.weight', head: 'lm_head.weight' },

  settings(config) {
    const isMistral = config.model_type === 'mistral';
    const read = new ConfigReader(layerKinds(config), fields[isMistral ? 'mistral' : 'llama']);
    read.choice('hidden_act', activations);
    const hidden = read.positiveInteger('hidden_size');
    const heads = read.positiveInteger('num_attention_heads');
    const kvHeads = read.isNull('num_key_value_heads') ? heads : read.positiveInteger('num_key_value_heads');
    if (heads % kvHeads)
      read.report('num_key_value_heads', 'must divide num_attention_heads', kvHeads, `a divisor of ${heads}`);
    const headSize = headSizeOf(read, hidden, heads);
    const positions = read.positiveInteger('max_position_embeddings');
    return read.result({
      hidden,
      heads,
      kvHeads,
      headSize,
      positions,
      layers: read.positiveInteger('num_hidden_layers'),
      intermediate: read.positiveInteger('intermediate_size'),
      vocabulary: read.positiveInteger('vocab_size'),
      epsilon: read.positiveNumber('rms_norm_eps'),
      rope: readRope(read, headSize, positions),
      attentionBias: !isMistral && read.flag('attention_bias'),
      mlpBias: !isMistral && read.flag('mlp_bias'),
      tied: read.flag('tie_word_embeddings'),
      attentionDropout: read.isNull('attention_dropout') ? 0 : read.rate('attention_dropout'),
      window:
        !isMistral || read.isNull('sliding_window') ? undefined : read.positiveInteger('sliding_window'),
    });
  },

  canonicalName(name) {
    // Tables that follow from the settings: inv_freq, cos_cached, sin_cached.
    if (/(^|\.)rotary_emb\.\w+$/.test(name)) return undefined;
    return /^(embed_tokens|layers|norm)\./.test(name) ? `model.${name}` : name;
  },

  maxPositions: (s) => s.positions,
  vocabulary: (s) => s.vocabulary,

  parameters(s) {
    return [
      { name: 'model.embed_tokens.weight', shape: [s.vocabulary, s.hidden], table: true },
      ...Array.from({ length: s.layers }, (_, layer) => layerParameters(s, layer)).flat(),
      { name: 'model.norm.weight', shape: [s.hidden] },
      ...(s.tied ? [] : [{ name: 'lm_head.weight', shape: [s.vocabulary, s.hidden] }]),
    ];
  },

  forward(context, s) {
    const { g, weight, inputIds, labelPositions } = context;
    const shared = makeShared(context, s);
    let x = g.op('Gather', [weight('model.embed_tokens.weight'), tokenRows(context, inputIds)]); // [tokens, hidden]
    for (let layer = 0; layer < s.layers; layer++)
      x = decoderLayer(context, s, `model.layers.${layer}`, x, shared);
    // Only what is counted goes through the norm and the head, the largest product of a small model.
    const counted = normalize(context, s, 'model.norm', g.op('Gather', [x, labelPositions!]));
    const head = weight(s.tied ? 'model.embed_tokens.weight' : 'lm_head.weight');
    return g.op('FusedMatMul', [counted, head], { transB: 1 }, { name: 'lm_head' });
  },
};

/** Where every layer is of one kind, its name once: what a table can name. */
function layerKinds(config: HfConfig): HfConfig {
  const { layer_types: kinds } = config;
  return Array.isArray(kinds) && kinds.length
    ? { ...config, layer_types: [...new Set<unknown>(kinds)] }
    : config;
}

/** Rotary positions turn pairs of a head's elements. */
function headSizeOf(read: ConfigReader, hidden: number, heads: number): number {
  const derived = read.isNull('head_dim');
  const size = derived ? hidden / heads : read.positiveInteger('head_dim');
  if (!Number.isInteger(size)) {
    read.report(
      'num_attention_heads',
      'must divide hidden_size where there is no head_dim',
      heads,
      `a divisor of ${hidden}`,
    );
    return 2;
  }
  if (size % 2 === 0) return size;
  read.report(
    derived ? 'num_attention_heads' : 'head_dim',
    'gives heads of an odd size, which cannot be rotated',
    size,
  );
  return 2;
}

/** Made once, used by every layer. */
interface Shared {
  /** Added to the scores: [B, 1, S·G, S]. */
  readonly bias: Value;
  /** First position, cos and sin: the last inputs of RotaryEmbedding. */
  readonly rotate: readonly [Value, Value, Value];
}

function makeShared({ g, inputIds, attentionMask, maxSequence }: ForwardContext, s: LlamaSettings): Shared {
  const { cos, sin } = rotaryTables(s.rope, maxSequence);
  const cache = (name: string, data: Float32Array) =>
    g.initializer(name, 'float32', [maxSequence, s.headSize / 2], { kind: 'inline', data });

  // Row i, a query at position i ÷ G, sees key j where j ≤ i ÷ G, i ÷ G − j < window and j is no padding.
  const group = s.heads / s.kvHeads;
  const queries = g.op('Unsqueeze', [positions(g, inputIds, group), g.int64s(1)]);
  const keys = positions(g, inputIds);
  let visible = g.op('GreaterOrEqual', [queries, keys]);
  if (s.window !== undefined && s.window < maxSequence) {
    const near = g.op('Less', [g.op('Sub', [queries, keys]), g.scalar('int64', s.window)]);
    visible = g.op('And', [visible, near]);
  }
  const real = g.op('Unsqueeze', [g.op('Cast', [attentionMask], { to: 'bool' }), g.int64s(1, 2)]);
  return {
    bias: maskBias(g, g.op('And', [real, visible])),
    rotate: [g.int64s(0), cache('rotary.cos', cos), cache('rotary.sin', sin)],
  };
}

function decoderLayer(
  context: ForwardContext,
  s: LlamaSettings,
  name: string,
  x: Value,
  shared: Shared,
): Value {
  const { g } = context;
  const attended = attention(
    context,
    s,
    `${name}.self_attn`,
    normalize(context, s, `${name}.input_layernorm`, x),
    shared,
  );
  const middle = g.op('Add', [x, attended]);
  const normal = normalize(context, s, `${name}.post_attention_layernorm`, middle);
  const project = (part: string, input: Value) =>
    linear(context, input, `${name}.mlp.${part}_proj`, s.mlpBias);
  const gate = g.op('QuickGelu', [project('gate', normal)], { alpha: 1 }); // SiLU
  return g.op('Add', [middle, project('down', g.op('Mul', [gate, project('up', normal)]))]);
}

/**
 * Grouped-query attention without copies of keys and values: the G queries that share a key head become G rows of one
 * product, [B, KV, S·G, d] × [B, KV, S, d]ᵀ; row s·G + g is query head kv·G + g at position s.
 */
function attention(context: ForwardContext, s: LlamaSettings, name: string, x: Value, shared: Shared): Value {
  const { g } = context;
  const group = s.heads / s.kvHeads;
  const project = (part: string) =>
    padded(context, linear(context, x, `${name}.${part}_proj`, s.attentionBias));
  const rotated = (part: string) =>
    g.op('RotaryEmbedding', [project(part), ...shared.rotate], { interleaved: 0 });

  const queries = splitHeads(g, rotated('q'), s.kvHeads, group * s.headSize);
  const rows = g.op('Reshape', [queries, g.int64s(0, 0, -1, s.headSize)]); // [B, KV, S·G, d]
  const keys = splitHeads(g, rotated('k'), s.kvHeads, s.headSize);
  const values = splitHeads(g, project('v'), s.kvHeads, s.headSize);

  const alpha = 1 / Math.sqrt(s.headSize);
  const scores = g.op('FusedMatMul', [rows, keys], { transB: 1, alpha }); // [B, KV, S·G, S]
  const weights = g.op('Softmax', [g.op('Add', [scores, shared.bias])], { axis: -1 });
  const kept = context.dropout(name, weights, s.attentionDropout);
  const attended = g.op('MatMul', [kept, values]); // [B, KV, S·G, d]
  const merged = mergeHeads(g, g.op('Reshape', [attended, g.int64s(0, 0, -1, group * s.headSize)]));
  return linear(context, tokenRows(context, merged), `${name}.o_proj`, s.attentionBias);
}

const normalize = ({ g, weight }: ForwardContext, s: LlamaSettings, name: string, x: Value): Value =>
  g.op('SimplifiedLayerNormalization', [x, weight(`${name}.weight`)], { axis: -1, epsilon: s.epsilon });

function layerParameters(s: LlamaSettings, layer: number): Parameter[] {
  const name = `model.layers.${layer}`;
  const queries = s.heads * s.headSize;
  const keys = s.kvHeads * s.headSize;
  const project = (module: string, out: number, input: number, bias: boolean): Parameter[] => [
    { name: `${name}.${module}_proj.weight`, shape: [out, input] },
    ...(bias ? [{ name: `${name}.${module}_proj.bias`, shape: [out] }] : []),
  ];
  return [
    { name: `${name}.input_layernorm.weight`, shape: [s.hidden] },
    ...project('self_attn.q', queries, s.hidden, s.attentionBias),
    ...project('self_attn.k', keys, s.hidden, s.attentionBias),
    ...project('self_attn.v', keys, s.hidden, s.attentionBias),
    ...project('self_attn.o', s.hidden, queries, s.attentionBias),
    { name: `${name}.post_attention_layernorm.weight`, shape: [s.hidden] },
    ...project('mlp.gate', s.intermediate, s.hidden, s.mlpBias),
    ...project('mlp.up', s.intermediate, s.hidden, s.mlpBias),
    ...project('mlp.down', s.hidden, s.intermediate, s.mlpBias),
  ];
}
