import type { Value } from '@temper/graph';
import { ConfigReader, type Family, type ForwardContext, type Parameter } from './family.js';
import { linear, maskBias, mergeHeads, padded, positions, splitHeads, tokenRows } from './layers.js';
import { ropeOf, rotaryTables, type Rope } from './rope.js';

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

/** Llama, SmolLM and Mistral: LlamaForCausalLM. */
export const llama: Family<LlamaSettings> = {
  classes: { llama: { 'causal-lm': 'LlamaForCausalLM' }, mistral: { 'causal-lm': 'MistralForCausalLM' } },

  settings(config) {
    const read = new ConfigReader(config);
    read.oneOf('hidden_act', ['silu']);
    const hidden = read.positiveInteger('hidden_size');
    const heads = read.positiveInteger('num_attention_heads');
    const kvHeads = read.positiveInteger('num_key_value_heads', heads);
    if (heads % kvHeads)
      read.report('num_key_value_heads', 'must divide num_attention_heads', kvHeads, `a divisor of ${heads}`);
    const headSize = config.head_dim == null ? hidden / heads : read.positiveInteger('head_dim');
    const rope = ropeOf(config, headSize);
    if ('message' in rope) read.problems.push(rope);
    return read.result({
      hidden,
      heads,
      kvHeads,
      headSize,
      layers: read.positiveInteger('num_hidden_layers'),
      intermediate: read.positiveInteger('intermediate_size'),
      vocabulary: read.positiveInteger('vocab_size'),
      positions: read.positiveInteger('max_position_embeddings', 2048),
      epsilon: read.positiveNumber('rms_norm_eps', 1e-6),
      rope: rope as Rope,
      attentionBias: read.flag('attention_bias', false),
      mlpBias: read.flag('mlp_bias', false),
      tied: read.flag('tie_word_embeddings', false),
      attentionDropout: read.rate('attention_dropout', 0),
      window: config.sliding_window == null ? undefined : read.positiveInteger('sliding_window'),
    });
  },

  canonicalName(name) {
    if (name.endsWith('rotary_emb.inv_freq')) return undefined;
    return /^(embed_tokens|layers|norm)\./.test(name) ? `model.${name}` : name;
  },

  maxPositions: (s) => s.positions,

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
