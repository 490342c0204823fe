import type { Value } from '@temper/graph';
import type { Build } from '../build/build.js';
import { tokenRows } from '../build/inputs.js';
import { embedding, layersOf, linear, rmsNorm, type Module } from '../build/module.js';
import { ggufLlama } from '../formats/gguf/llama.js';
import { ConfigReader } from './config-reader.js';
import type { Family, HfConfig } from './family.js';
import { none, only, read, type Fields } from './fields.js';
import type { Rope } from './rope.js';
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
  defaultTargets: { lora: ['q_proj', 'v_proj'] },
  gguf: { llama: ggufLlama },

  modules: (s) => [
    embedding('model.embed_tokens', s.vocabulary, s.hidden),
    ...layersOf(s.layers, (layer) => layerModules(s, `model.layers.${layer}`)),
    rmsNorm('model.norm', s.hidden, s.epsilon),
  ],

  heads: {
    'causal-lm': {
      modules: (s) => [
        linear('lm_head', s.vocabulary, s.hidden, s.tied ? { tied: 'model.embed_tokens' } : {}),
      ],
      // Only what is counted goes through the norm and the head, the largest product of a small model.
      forward: (build, _, x) => build.linear('lm_head', build.norm('model.norm', build.headRows(x))),
    },
  },

  forward(build, s) {
    const { g, inputs } = build;
    let x = build.embedding('model.embed_tokens', tokenRows(g, inputs, inputs.inputIds)); // [tokens, hidden]
    for (let layer = 0; layer < s.layers; layer++) x = decoderLayer(build, s, layer, x);
    return x;
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

function decoderLayer(build: Build, s: LlamaSettings, layer: number, x: Value): Value {
  const name = `model.layers.${layer}`;
  const normal = build.norm(`${name}.input_layernorm`, x);
  const project = (part: string) => build.linear(`${name}.self_attn.${part}_proj`, normal);
  const attended = build.attend({
    layer,
    place: `${name}.self_attn`,
    q: project('q'),
    k: project('k'),
    v: project('v'),
    heads: s.heads,
    kvHeads: s.kvHeads,
    headSize: s.headSize,
    causal: true,
    window: s.window,
    rotary: s.rope,
    dropout: s.attentionDropout,
  });
  const output = build.linear(`${name}.self_attn.o_proj`, attended);
  const middle = build.residual(layer, 'attention', x, output);
  return build.residual(layer, 'mlp', middle, gated(build, name, middle));
}

/** down(silu(gate(x)) · up(x)) */
function gated(build: Build, name: string, x: Value): Value {
  const normal = build.norm(`${name}.post_attention_layernorm`, x);
  const gate = build.activation('silu', build.linear(`${name}.mlp.gate_proj`, normal));
  const up = build.linear(`${name}.mlp.up_proj`, normal);
  return build.linear(`${name}.mlp.down_proj`, build.g.op('Mul', [gate, up]));
}

function layerModules(s: LlamaSettings, name: string): Module[] {
  const queries = s.heads * s.headSize;
  const keys = s.kvHeads * s.headSize;
  const attention = (part: string, out: number, input: number) =>
    linear(`${name}.self_attn.${part}_proj`, out, input, { bias: s.attentionBias });
  const mlp = (part: string, out: number, input: number) =>
    linear(`${name}.mlp.${part}_proj`, out, input, { bias: s.mlpBias });
  return [
    rmsNorm(`${name}.input_layernorm`, s.hidden, s.epsilon),
    attention('q', queries, s.hidden),
    attention('k', keys, s.hidden),
    attention('v', keys, s.hidden),
    attention('o', s.hidden, queries),
    rmsNorm(`${name}.post_attention_layernorm`, s.hidden, s.epsilon),
    mlp('gate', s.intermediate, s.hidden),
    mlp('up', s.intermediate, s.hidden),
    mlp('down', s.hidden, s.intermediate),
  ];
}
