import { TemperError } from '@temper/contracts';
import { shortestFloat32 } from '../floats.js';
import { shown } from '../messages.js';
import type { GgufArchitecture } from './architecture.js';
import type { GgufFile } from './reader.js';
import { ropeScaling } from './rope-scaling.js';

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

/** Llama and what shares its layout (Mistral, SmolLM2); names as in gguf-py's tensor_mapping. */
export const ggufLlama: GgufArchitecture = {
  config: async (file) => {
    const { metadata, tensors } = file;
    const required = (key: string): number => {
      const value = metadata.number(`llama.${key}`);
      if (value !== undefined) return value;
      if (metadata.value(`llama.${key}`) !== undefined)
        throw unsupported(file, key, 'a value by layer', 'one number');
      throw new TemperError('MODEL_CORRUPT', { path: file.file, message: `the metadata lacks llama.${key}` });
    };
    refuseForeign(file);
    const heads = required('attention.head_count');
    const hidden = required('embedding_length');
    const headSize = metadata.number('llama.attention.key_length') ?? hidden / heads;
    for (const key of ['attention.value_length', 'rope.dimension_count']) {
      const size = metadata.number(`llama.${key}`) ?? headSize;
      if (size !== headSize) throw unsupported(file, key, size, String(headSize));
    }
    const theta = shortestFloat32(metadata.number('llama.rope.freq_base') ?? 10000);
    return {
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      vocab_size: tensors.get('token_embd.weight')?.shape[0] ?? required('vocab_size'),
      hidden_size: hidden,
      intermediate_size: required('feed_forward_length'),
      num_hidden_layers: required('block_count'),
      num_attention_heads: heads,
      num_key_value_heads:
        metadata.value('llama.attention.head_count_kv') === undefined
          ? heads
          : required('attention.head_count_kv'),
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
    if (name === 'rope_freqs.weight') return undefined;
    const layer = /^blk\.(\d+)\.(\w+)\.(weight|bias)$/.exec(name);
    const part = layer && inLayer[layer[2]!];
    if (part) return `model.layers.${layer[1]}.${part}.${layer[3]}`;
    return outer[name] ?? `model.${name}`;
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

function refuseForeign(file: GgufFile): void {
  for (const [key, neutral] of Object.entries(foreign)) {
    const value = file.metadata.value(`llama.${key}`);
    if (value !== undefined && !neutral.includes(typeof value === 'bigint' ? Number(value) : value))
      throw unsupported(file, key, value, neutral.join(', '));
  }
}

const unsupported = ({ file }: GgufFile, key: string, found: unknown, allowed: string) =>
  new TemperError('MODEL_UNSUPPORTED', {
    path: `${file}: llama.${key}`,
    message: 'is not supported',
    found: shown(typeof found === 'bigint' ? Number(found) : found),
    allowed,
  });
