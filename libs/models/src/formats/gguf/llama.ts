import { TemperError } from '@temper/contracts';
import { shortestFloat32 } from '../floats.js';
import type { GgufFile } from './reader.js';
import { ropeScaling } from './rope-scaling.js';

/** How the weights of one GGUF architecture become a Hugging Face checkpoint. */
export interface GgufArchitecture {
  /** config.json, without what belongs to the tokenizer. */
  config(file: GgufFile): Promise<Record<string, unknown>>;
  /** Hugging Face's name of a tensor; undefined for tensors that are no weights (tables that the config gives). */
  weightName(name: string): string | undefined;
  /** Undoes ggml's reordering of rows, where there is one. */
  restore(name: string, data: Float32Array, config: Readonly<Record<string, unknown>>): Float32Array;
}

const outer: Readonly<Record<string, string>> = {
  'token_embd.weight': 'model.embed_tokens.weight',
  'output_norm.weight': 'model.norm.weight',
  'output.weight': 'lm_head.weight',
};
const inLayer: Readonly<Record<string, string>> = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  ffn_norm: 'post_attention_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
};

/** Llama and what shares its layout (Mistral, SmolLM2); names as in gguf-py's tensor_mapping. */
export const llama: GgufArchitecture = {
  config: async (file) => {
    const { metadata, tensors } = file;
    const required = (key: string): number => {
      const value = metadata.number(`llama.${key}`);
      if (value !== undefined) return value;
      throw new TemperError('MODEL_CORRUPT', { path: file.file, message: `the metadata lacks llama.${key}` });
    };
    const heads = required('attention.head_count');
    const hidden = required('embedding_length');
    const headSize = metadata.number('llama.attention.key_length') ?? hidden / heads;
    const theta = shortestFloat32(metadata.number('llama.rope.freq_base') ?? 10000);
    return {
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      vocab_size: tensors.get('token_embd.weight')?.shape[0] ?? required('vocab_size'),
      hidden_size: hidden,
      intermediate_size: required('feed_forward_length'),
      num_hidden_layers: required('block_count'),
      num_attention_heads: heads,
      num_key_value_heads: metadata.number('llama.attention.head_count_kv') ?? heads,
      head_dim: headSize,
      hidden_act: 'silu',
      max_position_embeddings: required('context_length'),
      rms_norm_eps: shortestFloat32(required('attention.layer_norm_rms_epsilon')),
      rope_theta: theta,
      rope_scaling: await ropeScaling(file, theta, headSize),
      attention_bias: tensors.has('blk.0.attn_q.bias'),
      mlp_bias: tensors.has('blk.0.ffn_gate.bias'),
      tie_word_embeddings: !tensors.has('output.weight'),
      torch_dtype: 'float32',
    };
  },
  weightName: (name) => {
    const layer = /^blk\.(\d+)\.(\w+)\.(weight|bias)$/.exec(name);
    if (!layer) return outer[name];
    const part = inLayer[layer[2]!];
    return part && `model.layers.${layer[1]}.${part}.${layer[3]}`;
  },
  restore: (name, data, config) => {
    const projection = /\.attn_([qk])\.(weight|bias)$/.exec(name);
    if (!projection) return data;
    const heads = config[projection[1] === 'q' ? 'num_attention_heads' : 'num_key_value_heads'] as number;
    return unpermute(data, heads, config.head_dim as number);
  },
};

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
