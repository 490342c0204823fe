import { describe, expect, it } from 'vitest';
import { isDecayed, ParameterStore } from './parameters.js';

describe('the parameter store', () => {
  it("does not decay what the Trainer's patterns name", () => {
    const decayed = [
      'model.layers.0.self_attn.q_proj.weight',
      'base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight',
      'bert.embeddings.word_embeddings.weight',
    ];
    const undecayed = [
      'bert.encoder.layer.0.attention.output.LayerNorm.weight',
      'bert.encoder.layer.0.output.dense.bias',
      'model.layers.0.input_layernorm.weight',
      'model.norm.weight',
      'model.layers.0.self_attn.q_norm.weight',
    ];
    expect(decayed.map(isDecayed)).toEqual(decayed.map(() => true));
    expect(undecayed.map(isDecayed)).toEqual(undecayed.map(() => false));
  });

  it('keeps two contiguous groups, and hands out views of the flat arrays', () => {
    const store = new ParameterStore([
      { name: 'a.weight', shape: [2, 3] },
      { name: 'a.bias', shape: [3] },
      { name: 'b.weight', shape: [4] },
    ]);
    expect(store.groups).toEqual([
      { offset: 0, length: 10, decayed: true },
      { offset: 10, length: 3, decayed: false },
    ]);
    store.view(store.values, 'a.bias').data.set([1, 2, 3]);
    store.view(store.values, 'b.weight').data.set([4, 5, 6, 7]);
    expect([...store.values]).toEqual([0, 0, 0, 0, 0, 0, 4, 5, 6, 7, 1, 2, 3]);
    expect(Object.keys(store.views(store.gradients, 'grad:'))).toEqual([
      'grad:a.weight',
      'grad:b.weight',
      'grad:a.bias',
    ]);
  });
});
