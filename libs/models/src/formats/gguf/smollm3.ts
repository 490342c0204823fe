import { ggufDecoder, rotaryNames, scaledConfig } from './decoder.js';
import { unpermuted } from './llama.js';

export const ggufSmolLm3 = ggufDecoder({
  ...rotaryNames,
  name: 'smollm3',
  modelType: 'smollm3',
  className: 'SmolLM3ForCausalLM',
  config: async (settings) => ({
    ...(await scaledConfig(settings)),
    hidden_act: 'silu',
    // No key says it: llama.cpp leaves out every fourth (llama-model.cpp, n_no_rope_layer_step).
    no_rope_layer_interval: 4,
    attention_bias: settings.has('blk.0.attn_q.bias'),
    mlp_bias: settings.has('blk.0.ffn_gate.bias'),
  }),
  restore: unpermuted,
});
