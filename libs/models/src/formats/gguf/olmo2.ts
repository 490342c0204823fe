import { ggufDecoder, rotaryNames, scaledConfig } from './decoder.js';

/** Norms stand behind attention and mlp alone. */
const { attn_norm: _first, ffn_norm: _second, ...inLayer } = rotaryNames.inLayer;

/** OLMo 2, as llama.cpp's converter writes it (Olmo2Model); its heads lie as transformers has them. */
export const ggufOlmo2 = ggufDecoder({
  ...rotaryNames,
  name: 'olmo2',
  modelType: 'olmo2',
  className: 'Olmo2ForCausalLM',
  inLayer: {
    ...inLayer,
    attn_q_norm: 'self_attn.q_norm',
    attn_k_norm: 'self_attn.k_norm',
    post_attention_norm: 'post_attention_layernorm',
    post_ffw_norm: 'post_feedforward_layernorm',
  },
  config: async (settings) => ({
    ...(await scaledConfig(settings)),
    hidden_act: 'silu',
    attention_bias: settings.has('blk.0.attn_q.bias'),
  }),
});
