import { ggufDecoder, rotaryNames, scaledConfig } from './decoder.js';

/** Command-R, as llama.cpp's converter writes it (CommandR2Model): pairs of a head's elements are neighbours there as in transformers. */
export const ggufCohere = ggufDecoder({
  ...rotaryNames,
  name: 'command-r',
  modelType: 'cohere',
  className: 'CohereForCausalLM',
  inLayer: { ...rotaryNames.inLayer, attn_q_norm: 'self_attn.q_norm', attn_k_norm: 'self_attn.k_norm' },
  reads: ['logit_scale'],
  config: async (settings) => ({
    ...(await scaledConfig(settings, { norms: 'layer' })),
    hidden_act: 'silu',
    attention_bias: settings.has('blk.0.attn_q.bias'),
    use_qk_norm: settings.has('blk.0.attn_q_norm.weight'),
    // Where a file is silent, llama.cpp takes 0 for a scale that changes nothing (llama-hparams.h).
    logit_scale: settings.numberOr('logit_scale', 0) || 1,
  }),
});
