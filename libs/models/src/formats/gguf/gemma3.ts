import { ggufDecoder, scaledConfig } from './decoder.js';
import { gemmaNames, minusOne } from './gemma2.js';

/** Layers of Gemma 3 27B, by which llama.cpp knows it. */
const LARGEST = 62;

export const ggufGemma3 = ggufDecoder({
  ...gemmaNames,
  inLayer: { ...gemmaNames.inLayer, attn_q_norm: 'self_attn.q_norm', attn_k_norm: 'self_attn.k_norm' },
  name: 'gemma3',
  modelType: 'gemma3_text',
  className: 'Gemma3ForCausalLM',
  reads: ['attention.sliding_window', 'final_logit_softcapping'],
  config: async (settings) => {
    const config = await scaledConfig(settings);
    const window = settings.numberOr('attention.sliding_window', 0);
    return {
      ...config,
      hidden_activation: 'gelu_pytorch_tanh',
      // No key says it (llama-model.cpp, LLM_ARCH_GEMMA3: f_attention_scale).
      query_pre_attn_scalar:
        config.num_hidden_layers === LARGEST
          ? config.hidden_size / config.num_attention_heads
          : config.head_dim,
      rope_theta: settings.numberOr('rope.freq_base', 1e6),
      // Of the layers with a window, five of six where nothing else is said.
      rope_local_base_freq: settings.numberOr('rope.freq_base_swa', 10000),
      sliding_window: window || null,
      sliding_window_pattern: window ? settings.numberOr('attention.sliding_window_pattern', 6) : 1,
      final_logit_softcapping: settings.number('final_logit_softcapping') ?? null,
    };
  },
  restore: minusOne,
});
