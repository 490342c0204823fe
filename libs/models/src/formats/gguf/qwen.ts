import type { GgufSettings } from './settings.js';
import { ggufDecoder, rotaryNames, scaledConfig } from './decoder.js';

/** Biases are in every Qwen2, and in no published Qwen3. */
const config = async (settings: GgufSettings) => ({
  ...(await scaledConfig(settings)),
  hidden_act: 'silu',
  use_sliding_window: false,
});

export const ggufQwen2 = ggufDecoder({
  ...rotaryNames,
  name: 'qwen2',
  modelType: 'qwen2',
  className: 'Qwen2ForCausalLM',
  config,
});

export const ggufQwen3 = ggufDecoder({
  ...rotaryNames,
  inLayer: { ...rotaryNames.inLayer, attn_q_norm: 'self_attn.q_norm', attn_k_norm: 'self_attn.k_norm' },
  name: 'qwen3',
  modelType: 'qwen3',
  className: 'Qwen3ForCausalLM',
  config: async (settings) => ({
    ...(await config(settings)),
    attention_bias: settings.has('blk.0.attn_q.bias'),
  }),
});
