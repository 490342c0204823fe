import { describe, expect, it } from 'vitest';
import { groupParameters } from './parameter-groups.js';
import { ParameterStore } from './parameters.js';

describe('the parameter store', () => {
  it('decays what is neither a bias nor a norm', () => {
    const kinds = ['kernel', 'bias', 'norm', 'embedding', 'head'] as const;
    const grouped = groupParameters(kinds.map((kind) => ({ name: kind, shape: [2], kind })));
    expect(grouped.filter(({ decayed }) => decayed).map(({ kind }) => kind)).toEqual([
      'kernel',
      'embedding',
      'head',
    ]);
    const [slow] = groupParameters([{ name: 'a', shape: [1], kind: 'kernel', learningRateScale: 0.5 }]);
    expect(slow!.lrScale).toBe(0.5);
  });

  it('keeps the decayed parameters first, and hands out views of the flat arrays', () => {
    const store = new ParameterStore(
      groupParameters([
        { name: 'a.weight', kind: 'kernel', shape: [2, 3] },
        { name: 'a.bias', kind: 'bias', shape: [3] },
        { name: 'b.weight', kind: 'kernel', shape: [4] },
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
