import type { GgufArchitecture } from './architecture.js';
import { ggufDecoder, rotaryNames, scaledConfig } from './decoder.js';

/** Layers of Gemma 2 27B, by which llama.cpp knows it. */
const LARGEST = 46;

/** Names that Gemma 3 has too. */
export const gemmaNames = {
  ...rotaryNames,
  inLayer: {
    ...rotaryNames.inLayer,
    post_attention_norm: 'post_attention_layernorm',
    ffn_norm: 'pre_feedforward_layernorm',
    post_ffw_norm: 'post_feedforward_layernorm',
  },
};

/** Files hold w + 1 of norms. */
export const minusOne: GgufArchitecture['restore'] = (name, data) =>
  /norm\.weight$/.test(name) ? data.map((w) => w - 1) : data;

export const ggufGemma2 = ggufDecoder({
  ...gemmaNames,
  name: 'gemma2',
  modelType: 'gemma2',
  className: 'Gemma2ForCausalLM',
  reads: ['attention.sliding_window', 'attn_logit_softcapping', 'final_logit_softcapping'],
  config: async (settings) => {
    const config = await scaledConfig(settings);
    const {
      num_hidden_layers: layers,
      hidden_size: hidden,
      num_attention_heads: heads,
      head_dim: size,
    } = config;
    return {
      ...config,
      hidden_activation: 'gelu_pytorch_tanh',
      // No key says it (llama-model.cpp, LLM_ARCH_GEMMA2: f_attention_scale).
      query_pre_attn_scalar: layers === LARGEST ? hidden / heads : size,
      // Where a file is silent, llama.cpp's values are transformers'.
      sliding_window: settings.numberOr('attention.sliding_window', 4096),
      attn_logit_softcapping: settings.numberOr('attn_logit_softcapping', 50),
      final_logit_softcapping: settings.numberOr('final_logit_softcapping', 30),
    };
  },
  restore: minusOne,
});
