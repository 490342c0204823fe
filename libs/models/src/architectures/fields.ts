/**
 * What is made of a field of config.json: `read` – the graph follows it; `only` – the graph is right for these values and for
 * no other; `none` – the result does not depend on it. `absent` is transformers' value where the file lacks the field.
 */
export type Field = (
  | { readonly use: 'read'; readonly absent?: unknown }
  | { readonly use: 'only'; readonly absent?: unknown; readonly values: readonly unknown[] }
  | { readonly use: 'none' }
) & {
  /** transformers takes no whole number for it. */
  readonly float?: true;
};
export type Fields = Readonly<Record<string, Field>>;

export const read = (absent: unknown): Field => ({ use: 'read', absent });
export const only = (absent: unknown, ...values: unknown[]): Field => ({
  use: 'only',
  absent,
  values: [absent, ...values],
});
export const none: Field = { use: 'none' };

/** Of every configuration of transformers (configuration_utils.py, PreTrainedConfig). */
export const commonFields: Fields = {
  transformers_version: none,
  architectures: none,
  output_hidden_states: none,
  return_dict: none,
  // Weights of any float type become float32.
  dtype: none,
  // The same sums in pieces.
  chunk_size_feed_forward: none,
  is_encoder_decoder: only(false),
  // Names and number of classes: the data's, where they differ.
  id2label: none,
  label2id: none,
  problem_type: none,
  // First values of weights that the files hold.
  initializer_range: { ...none, float: true },
  use_cache: none,
  bos_token_id: none,
  eos_token_id: none,
  // The row of the table that learns nothing; padding itself is left out of every sum.
  pad_token_id: read(null),
};

/**
 * Fields by which other architectures, or later versions of these, compute something else. transformers' classes of the
 * families here do not read them, and a checkpoint that has one was made for other code: another value is refused.
 */
export const foreignFields: Fields = {
  attn_logit_softcapping: only(null),
  final_logit_softcapping: only(null),
  logit_softcapping: only(null),
  logits_soft_cap: only(null),
  query_pre_attn_scalar: only(null),
  attention_multiplier: only(null),
  attention_scale: only(null),
  clip_qkv: only(null),
  embedding_multiplier: only(1),
  residual_multiplier: only(1),
  logits_scaling: only(1),
  logit_scale: only(1),
  scale_emb: only(1),
  scale_depth: only(null),
  dim_model_base: only(null),
  use_qk_norm: only(false),
  qk_norm: only(false),
  qk_layernorm: only(false),
  use_query_key_norm: only(false),
  qkv_bias: only(false),
  use_bias: only(false),
  use_qkv_bias: only(false),
  add_bias_linear: only(false),
  attention_bias: only(false),
  mlp_bias: only(false),
  sliding_window: only(null),
  use_sliding_window: only(false),
  sliding_window_pattern: only(null),
  interleaved_sliding_window: only(null),
  attention_chunk_size: only(null),
  no_rope_layers: only(null, []),
  no_rope_layer_interval: only(null, 0),
  layer_types: only(null),
  mlp_layer_types: only(null),
  per_layer_config: only(null, {}),
  num_experts: only(0),
  num_local_experts: only(0),
  n_routed_experts: only(0),
  q_lora_rank: only(null),
  kv_lora_rank: only(null),
  parallel_attn: only(false),
  use_parallel_residual: only(false),
  alibi: only(false),
  rotary_pct: only(1),
  rotary_percent: only(1),
  partial_rotary_factor: only(1),
  rope_interleaved: only(false),
  position_embedding_type: only(null),
  feed_forward_type: only('original'),
  add_cross_attention: only(false),
  cross_attention_hidden_size: only(null),
  pruned_heads: only(null, {}),
};
