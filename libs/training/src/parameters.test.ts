import { describe, expect, it } from 'vitest';
import { groupParameters } from './parameter-groups.js';
import { ParameterStore } from './parameters.js';

describe('the parameter store', () => {
  it("does not decay what the Trainer's patterns name", () => {
    const kinds = {
      'model.layers.0.self_attn.q_proj.weight': 'kernel',
      'base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight': 'kernel',
      'bert.embeddings.word_embeddings.weight': 'embedding',
      'model.embed_tokens.weight': 'embedding',
      'lm_head.weight': 'head',
      'classifier.weight': 'head',
      'bert.encoder.layer.0.attention.output.LayerNorm.weight': 'norm',
      'bert.encoder.layer.0.output.dense.bias': 'bias',
      'classifier.bias': 'bias',
      'model.layers.0.input_layernorm.weight': 'norm',
      'model.norm.weight': 'norm',
      'model.layers.0.self_attn.q_norm.weight': 'norm',
    };
    const grouped = groupParameters(Object.keys(kinds).map((name) => ({ name, shape: [2] })));
    expect(Object.fromEntries(grouped.map(({ name, kind }) => [name, kind]))).toEqual(kinds);
    for (const { kind, decayed, lrScale } of grouped) {
      expect({ decayed, lrScale }).toEqual({ decayed: kind !== 'norm' && kind !== 'bias', lrScale: 1 });
    }
  });

  it('keeps the decayed parameters first, and hands out views of the flat arrays', () => {
    const store = new ParameterStore(
      groupParameters([
        { name: 'a.weight', shape: [2, 3] },
        { name: 'a.bias', shape: [3] },
        { name: 'b.weight', shape: [4] },
      ]),
    );
    expect(store.names).toEqual(['a.weight', 'b.weight', 'a.bias']);
    expect(store.slice('a.bias')).toEqual({ offset: 10, length: 3, shape: [3] });
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
