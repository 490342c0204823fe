import { describe, expect, it } from 'vitest';
import type { Family } from './family.js';
import { families } from './registry.js';

/** Names in checkpoints as they are found, and what they are in transformers' task model; undefined: no weight. */
const names: readonly (readonly [
  family: keyof typeof families,
  name: string,
  canonical: string | undefined,
])[] = [
  ['opt', 'decoder.embed_tokens.weight', 'model.decoder.embed_tokens.weight'],
  ['opt', 'model.decoder.layers.0.fc1.weight', 'model.decoder.layers.0.fc1.weight'],
  ['opt', 'lm_head.weight', 'lm_head.weight'],
  ['gptNeox', 'embed_out.weight', 'lm_head.weight'],
  ['gptNeox', 'layers.1.attention.dense.bias', 'gpt_neox.layers.1.attention.dense.bias'],
  ['gptNeox', 'embed_in.weight', 'gpt_neox.embed_in.weight'],
  ['gptNeox', 'gpt_neox.layers.0.attention.bias', undefined],
  ['gptNeox', 'layers.0.attention.masked_bias', undefined],
  ['gptNeox', 'gpt_neox.layers.0.attention.rotary_emb.inv_freq', undefined],
  [
    'gptNeox',
    'gpt_neox.layers.0.attention.query_key_value.bias',
    'gpt_neox.layers.0.attention.query_key_value.bias',
  ],
];

describe('the names of a decoder’s weights', () => {
  it.each(names)('%s: %s is %s', (family, name, canonical) => {
    expect((families[family] as Family).canonicalName(name, {})).toBe(canonical);
  });
});

const problemsOf = (family: keyof typeof families, config: object): string[] => {
  const read = (families[family] as Family).settings(config as never);
  return 'problems' in read ? read.problems.map(({ path, message }) => `${path} ${message}`) : [];
};

describe('what a decoder’s configuration asks for and cannot be done', () => {
  it.each([
    ['opt', { model_type: 'opt', layerdrop: 0.1 }, 'layerdrop is not supported'],
    ['opt', { model_type: 'opt', num_attention_heads: 5 }, 'num_attention_heads must divide hidden_size'],
    ['opt', { model_type: 'opt', activation_function: 'gegelu' }, 'activation_function is not supported'],
    [
      'smollm3',
      { model_type: 'smollm3', no_rope_layers: [1, 0] },
      'no_rope_layers must be a list with 1 or 0 for each layer',
    ],
    [
      'smollm3',
      { model_type: 'smollm3', num_hidden_layers: 1, layer_types: ['sliding_attention'], sliding_window: 4 },
      'layer_types has windows, which use_sliding_window or sliding_window turn off',
    ],
    [
      'phi3',
      { model_type: 'phi3', rope_scaling: { type: 'linear', factor: 2 } },
      'rope_scaling is a rotary scaling that a Phi-3 cannot have',
    ],
    [
      'phi3',
      { model_type: 'phi3', rope_scaling: { type: 'su', short_factor: [1], long_factor: Array(48).fill(2) } },
      'rope_scaling.short_factor must be a list of positive numbers',
    ],
    [
      'gemma2',
      { model_type: 'gemma2', use_bidirectional_attention: true },
      'use_bidirectional_attention is not supported',
    ],
    [
      'gemma2',
      { model_type: 'gemma2', sliding_window: null },
      'sliding_window must be a positive whole number',
    ],
    [
      'gptNeox',
      { model_type: 'gpt_neox', rotary_pct: 0.001 },
      'rope_parameters.partial_rotary_factor must leave an even number of elements of a head to rotate',
    ],
    ['gptNeox', { model_type: 'gpt_neox', rotary_emb_base: null }, 'rotary_emb_base is missing'],
    [
      'gptNeox',
      { model_type: 'gpt_neox', rope_scaling: { type: 'ntk' } },
      'rope_scaling.rope_type is a rotary scaling that is not supported',
    ],
  ] as const)('%s %o is told', (family, config, problem) => {
    expect(problemsOf(family, config)).toEqual([problem]);
  });

  it('a GPT-NeoX says theta and the rotated share by names of its own', () => {
    const config = {
      model_type: 'gpt_neox',
      rotary_emb_base: 500,
      rotary_pct: 0.5,
      rope_theta: 7,
      partial_rotary_factor: 1,
    };
    expect((families.gptNeox as Family).settings(config)).toMatchObject({
      settings: { rope: { theta: 500, size: 48 } },
    });
  });

  it('a Phi-3 rotates a share of each head, and calls LongRoPE su or yarn', () => {
    const factors = { short_factor: Array(36).fill(1.5), long_factor: Array(36).fill(3) };
    const config = {
      model_type: 'phi3',
      partial_rotary_factor: 0.75,
      max_position_embeddings: 131072,
      rope_scaling: { type: 'su', ...factors },
    };
    const read = (families.phi3 as Family).settings(config);
    expect(read).toMatchObject({ settings: { positions: 131072 } });
    expect('settings' in read && families.phi3.maxPositions(read.settings as never)).toBe(4096);
  });
});
