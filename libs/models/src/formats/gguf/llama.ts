import { ggufDecoder, rotaryNames, scaledConfig } from './decoder.js';
import type { GgufArchitecture } from './architecture.js';

/** Queries and keys of architectures whose heads ggml rotates in neighbouring pairs. */
export const unpermuted: GgufArchitecture['restore'] = (name, data, config) => {
  const projection = /\.attn_([qk])\.(weight|bias)$/.exec(name);
  if (!projection) return data;
  const heads = config[projection[1] === 'q' ? 'num_attention_heads' : 'num_key_value_heads'] as number;
  return unpermute(data, heads, config.head_dim as number);
};

/** Llama and what shares its layout (Mistral, SmolLM2). */
export const ggufLlama = ggufDecoder({
  ...rotaryNames,
  name: 'llama',
  modelType: 'llama',
  className: 'LlamaForCausalLM',
  config: async (settings) => ({
    ...(await scaledConfig(settings)),
    hidden_act: 'silu',
    attention_bias: settings.has('blk.0.attn_q.bias'),
    mlp_bias: settings.has('blk.0.ffn_gate.bias'),
  }),
  restore: unpermuted,
});

/**
 * ggml rotates neighbouring rows (2i, 2i+1) where Hugging Face rotates rows (i, i + d/2): each head's rows were
 * written as [d/2, 2] and go back to [2, d/2]. `d` is the size of a head; weights [heads·d, in] and biases [heads·d] are alike.
 */
export function unpermute(data: Float32Array, heads: number, d: number): Float32Array {
  const row = data.length / (heads * d);
  const out = new Float32Array(data.length);
  for (let h = 0; h < heads; h++) {
    for (let i = 0; i < d / 2; i++) {
      for (let c = 0; c < 2; c++) {
        const from = (h * d + 2 * i + c) * row;
        out.set(data.subarray(from, from + row), (h * d + c * (d / 2) + i) * row);
      }
    }
  }
  return out;
}
