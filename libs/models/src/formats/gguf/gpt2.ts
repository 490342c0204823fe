import { ggufDecoder } from './decoder.js';

/** Modules of transformers' Conv1D, whose weights lie [inputs, outputs]; GGUF has them as every other. */
const isConv = (name: string) => /^blk\.\d+\.(attn_qkv|attn_output|ffn_up|ffn_down)\.weight$/.test(name);

export const ggufGpt2 = ggufDecoder({
  name: 'gpt2',
  modelType: 'gpt2',
  className: 'GPT2LMHeadModel',
  layers: 'transformer.h',
  outer: {
    token_embd: 'transformer.wte',
    position_embd: 'transformer.wpe',
    output_norm: 'transformer.ln_f',
    output: 'lm_head',
  },
  inLayer: {
    attn_norm: 'ln_1',
    attn_qkv: 'attn.c_attn',
    attn_output: 'attn.c_proj',
    ffn_norm: 'ln_2',
    ffn_up: 'mlp.c_fc',
    ffn_down: 'mlp.c_proj',
  },
  config: async (settings) => ({
    n_embd: settings.required('embedding_length'),
    n_positions: settings.required('context_length'),
    n_layer: settings.required('block_count'),
    n_head: settings.required('attention.head_count'),
    n_inner: settings.required('feed_forward_length'),
    layer_norm_epsilon: settings.required('attention.layer_norm_epsilon'),
    activation_function: 'gelu_new',
    // A head that is written out is the table, unless it differs.
    tie_word_embeddings: true,
  }),
  shapeOf: (name, shape) => (isConv(name) ? [...shape].reverse() : shape),
  restore: (name, data, config) => {
    if (!isConv(name)) return data;
    const hidden = config.n_embd as number;
    const inputs = name.includes('ffn_down') ? (config.n_inner as number) : hidden;
    return transposed(data, inputs);
  },
});

/** [outputs, inputs] → [inputs, outputs] */
function transposed(data: Float32Array, inputs: number): Float32Array {
  const outputs = data.length / inputs;
  const out = new Float32Array(data.length);
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < inputs; i++) out[i * outputs + o] = data[o * inputs + i]!;
  return out;
}
