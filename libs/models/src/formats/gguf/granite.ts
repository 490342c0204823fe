import { ggufDecoder, rotaryNames, scaledConfig } from './decoder.js';
import { unpermuted } from './llama.js';

export const ggufGranite = ggufDecoder({
  ...rotaryNames,
  name: 'granite',
  modelType: 'granite',
  className: 'GraniteForCausalLM',
  reads: ['attention.scale', 'embedding_scale', 'residual_scale', 'logit_scale'],
  config: async (settings) => {
    const config = await scaledConfig(settings);
    return {
      ...config,
      hidden_act: 'silu',
      attention_bias: settings.has('blk.0.attn_q.bias'),
      mlp_bias: settings.has('blk.0.ffn_gate.bias'),
      // Where a file is silent, llama.cpp takes 0 for a scale that changes nothing (llama-hparams.h).
      attention_multiplier: settings.numberOr('attention.scale', 0) || 1 / Math.sqrt(config.head_dim),
      embedding_multiplier: settings.numberOr('embedding_scale', 0) || 1,
      residual_multiplier: settings.numberOr('residual_scale', 0) || 1,
      logits_scaling: settings.numberOr('logit_scale', 0) || 1,
    };
  },
  restore: unpermuted,
});
