import type { GgufArchitecture } from './architecture.js';
import { ropeScaling } from './rope-scaling.js';
import { GgufSettings } from './settings.js';

/** What a decoder's GGUF files have of their own, beside what all have. */
export interface GgufDecoder {
  /** `general.architecture` */
  readonly name: string;
  readonly modelType: string;
  readonly className: string;
  /** Names of modules outside of layers, and in them behind the layer's own. */
  readonly outer: Readonly<Record<string, string>>;
  readonly inLayer: Readonly<Record<string, string>>;
  /** What the names of layers begin with in transformers. */
  readonly layers: string;
  /** Further metadata that changes the sums, by the values that do not. */
  readonly only?: Readonly<Record<string, readonly unknown[]>>;
  /** Keys of `foreign` that this architecture has, with what config.json says for them. */
  readonly reads?: readonly string[];
  config(settings: GgufSettings): Promise<Record<string, unknown>>;
  readonly restore?: GgufArchitecture['restore'];
  readonly shapeOf?: GgufArchitecture['shapeOf'];
}

/** Metadata by which other code computes something else, and the values that change nothing. */
const foreign: Readonly<Record<string, readonly unknown[]>> = {
  expert_count: [0],
  'attention.causal': [true],
  'attention.sliding_window': [0],
  'attention.scale': [0],
  'attention.clamp_kqv': [0],
  'attention.max_alibi_bias': [0],
  attn_logit_softcapping: [0],
  final_logit_softcapping: [0],
  logit_scale: [0, 1],
  residual_scale: [0, 1],
  embedding_scale: [0, 1],
  use_parallel_residual: [true, false],
};

export const ggufDecoder = (decoder: GgufDecoder): GgufArchitecture => ({
  config: async (file) => {
    const settings = new GgufSettings(file, decoder.name);
    for (const [key, neutral] of Object.entries({ ...foreign, ...decoder.only }))
      if (!decoder.reads?.includes(key)) settings.only(key, neutral);
    return {
      architectures: [decoder.className],
      model_type: decoder.modelType,
      vocab_size: file.tensors.get('token_embd.weight')?.shape[0] ?? settings.required('vocab_size'),
      ...(await decoder.config(settings)),
      torch_dtype: 'float32',
    };
  },
  weightName: (name) => {
    if (/^rope_(freqs|factors_long|factors_short)\.weight$/.test(name)) return undefined;
    const [, layer, inner, what] = /^blk\.(\d+)\.(\w+)\.(weight|bias)$/.exec(name) ?? [];
    const part = inner === undefined ? undefined : decoder.inLayer[inner];
    if (part) return `${decoder.layers}.${layer}.${part}.${what}`;
    const [, module, kind] = /^(\w+)\.(weight|bias)$/.exec(name) ?? [];
    const known = module === undefined ? undefined : decoder.outer[module];
    // Under a name of the body, what is unknown is refused.
    return known ? `${known}.${kind}` : `${decoder.layers.replace(/\w+$/, '')}${name}`;
  },
  restore: decoder.restore ?? ((_, data) => data),
  shapeOf: decoder.shapeOf,
});

/** Names of Llama and its kin, as in gguf-py's tensor_mapping. */
export const rotaryNames = {
  layers: 'model.layers',
  outer: { token_embd: 'model.embed_tokens', output_norm: 'model.norm', output: 'lm_head' },
  inLayer: {
    attn_norm: 'input_layernorm',
    attn_q: 'self_attn.q_proj',
    attn_k: 'self_attn.k_proj',
    attn_v: 'self_attn.v_proj',
    attn_output: 'self_attn.o_proj',
    ffn_norm: 'post_attention_layernorm',
    ffn_gate: 'mlp.gate_proj',
    ffn_up: 'mlp.up_proj',
    ffn_down: 'mlp.down_proj',
  },
};

/** Where metadata and config.json say the epsilon of norms, by their form. */
const epsilons = {
  rms: ['attention.layer_norm_rms_epsilon', 'rms_norm_eps'],
  layer: ['attention.layer_norm_epsilon', 'layer_norm_eps'],
} as const;

interface RotaryForm {
  /** Fewer elements of a head may be rotated than all. */
  readonly partial?: boolean;
  readonly norms?: keyof typeof epsilons;
}

/** config.json's sizes of Llama and its kin. */
export function rotaryConfig(settings: GgufSettings, { partial = false, norms = 'rms' }: RotaryForm = {}) {
  const [key, epsilon] = epsilons[norms];
  const heads = settings.required('attention.head_count');
  const hidden = settings.required('embedding_length');
  const headSize = settings.numberOr('attention.key_length', hidden / heads);
  for (const other of ['attention.value_length', ...(partial ? [] : ['rope.dimension_count'])]) {
    const size = settings.numberOr(other, headSize);
    if (size !== headSize) throw settings.unsupported(other, size, String(headSize));
  }
  return {
    hidden_size: hidden,
    intermediate_size: settings.required('feed_forward_length'),
    num_hidden_layers: settings.required('block_count'),
    num_attention_heads: heads,
    num_key_value_heads: settings.numberOr('attention.head_count_kv', heads),
    head_dim: headSize,
    max_position_embeddings: settings.required('context_length'),
    [epsilon]: settings.required(key),
    rope_theta: settings.numberOr('rope.freq_base', 10000),
    tie_word_embeddings: !settings.has('output.weight'),
  };
}

/** The same with the rotary scaling. */
export async function scaledConfig(settings: GgufSettings, form: RotaryForm = {}) {
  const config = rotaryConfig(settings, form);
  return { ...config, rope_scaling: await ropeScaling(settings, config.rope_theta, config.head_dim) };
}
