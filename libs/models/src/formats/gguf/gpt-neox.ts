import { ggufDecoder } from './decoder.js';
import type { GgufSettings } from './settings.js';

/** GPT-NeoX and Pythia, as llama.cpp's converter writes them (conversion of GPTNeoXForCausalLM). */
export const ggufGptNeox = ggufDecoder({
  name: 'gptneox',
  modelType: 'gpt_neox',
  className: 'GPTNeoXForCausalLM',
  layers: 'gpt_neox.layers',
  outer: { token_embd: 'gpt_neox.embed_in', output_norm: 'gpt_neox.final_layer_norm', output: 'lm_head' },
  inLayer: {
    attn_norm: 'input_layernorm',
    attn_qkv: 'attention.query_key_value',
    attn_output: 'attention.dense',
    ffn_norm: 'post_attention_layernorm',
    ffn_up: 'mlp.dense_h_to_4h',
    ffn_down: 'mlp.dense_4h_to_h',
  },
  reads: ['use_parallel_residual'],
  config: (settings) => Promise.resolve(config(settings)),
  restore: (name, data, config) =>
    /\.attn_qkv\.(weight|bias)$/.test(name) ? byHead(data, config.num_attention_heads as number) : data,
});

function config(settings: GgufSettings) {
  const hidden = settings.required('embedding_length');
  const heads = settings.required('attention.head_count');
  // Files of this architecture are converted without a scaling.
  settings.only('rope.scaling.type', ['none']);
  for (const key of ['rope.scaling.factor', 'rope.scale_linear']) settings.only(key, [0, 1]);
  settings.only('attention.head_count_kv', [heads]);
  return {
    hidden_size: hidden,
    intermediate_size: settings.required('feed_forward_length'),
    num_hidden_layers: settings.required('block_count'),
    num_attention_heads: heads,
    // No key says it; it is Pythia's.
    hidden_act: 'gelu',
    max_position_embeddings: settings.required('context_length'),
    layer_norm_eps: settings.required('attention.layer_norm_epsilon'),
    rope_parameters: {
      rope_type: 'default',
      rope_theta: settings.numberOr('rope.freq_base', 10000),
      partial_rotary_factor: settings.numberOr('rope.dimension_count', hidden / heads) / (hidden / heads),
    },
    use_parallel_residual: settings.value('use_parallel_residual') ?? true,
    attention_bias: settings.has('blk.0.attn_qkv.bias'),
    tie_word_embeddings: !settings.has('output.weight'),
  };
}

/** [3, heads, d, …] → [heads, 3, d, …]: the converter sets all queries before all keys before all values. */
export function byHead(data: Float32Array, heads: number): Float32Array {
  const size = data.length / (3 * heads);
  const out = new Float32Array(data.length);
  for (let part = 0; part < 3; part++)
    for (let head = 0; head < heads; head++) {
      const from = (part * heads + head) * size;
      out.set(data.subarray(from, from + size), (head * 3 + part) * size);
    }
  return out;
}
