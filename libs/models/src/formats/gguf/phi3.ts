import { shortestFloat32 } from '../floats.js';
import { ggufDecoder, rotaryConfig, rotaryNames } from './decoder.js';
import { readGgufTensor } from './reader.js';
import type { GgufSettings } from './settings.js';

const { ffn_gate: _, ...inLayer } = rotaryNames.inLayer;

/** Phi-3, Phi-3.5 and Phi-4: fused modules, no reordered rows. */
export const ggufPhi3 = ggufDecoder({
  ...rotaryNames,
  inLayer: { ...inLayer, attn_qkv: 'self_attn.qkv_proj', ffn_up: 'mlp.gate_up_proj' },
  name: 'phi3',
  modelType: 'phi3',
  className: 'Phi3ForCausalLM',
  reads: ['attention.sliding_window'],
  config: async (settings) => {
    const { head_dim: headSize, rope_theta: theta, ...config } = rotaryConfig(settings, { partial: true });
    const rotated = settings.numberOr('rope.dimension_count', headSize);
    const original = settings.numberOr('rope.scaling.original_context_length', undefined);
    return {
      ...config,
      head_dim: headSize,
      hidden_act: 'silu',
      rope_theta: theta,
      partial_rotary_factor: rotated / headSize,
      rope_scaling: await longRope(settings),
      original_max_position_embeddings: original ?? config.max_position_embeddings,
      // 0 is how the converter says that there is none.
      sliding_window: settings.numberOr('attention.sliding_window', 0) || null,
    };
  },
});

/** Divisors are tensors, and what cos and sin are multiplied by is a number. */
async function longRope(settings: GgufSettings): Promise<object | null> {
  const [short, long] = await Promise.all(
    ['short', 'long'].map(async (kind) => {
      const tensor = settings.file.tensors.get(`rope_factors_${kind}.weight`);
      return tensor && [...(await readGgufTensor(settings.file.file, tensor))].map(shortestFloat32);
    }),
  );
  if (!short || !long) {
    settings.only('rope.scaling.type', ['none']);
    return null;
  }
  const factor = settings.number('rope.scaling.attn_factor');
  return {
    rope_type: 'longrope',
    short_factor: short,
    long_factor: long,
    ...(factor === undefined ? {} : { attention_factor: factor }),
  };
}
