import { f, fixed, indices } from './case-inputs.js';
import type { OpCase } from './cases.js';
import type { RotaryEmbeddingAttributes } from './rotary-embedding.js';

export const rotaryCases: OpCase<RotaryEmbeddingAttributes>[] = [
  {
    title: 'three axes, counted positions',
    inputs: [f([2, 3, 8], 1), indices([1], [1]), fixed(f([5, 2], 2)), fixed(f([5, 2], 3))],
  },
  {
    title: 'four axes, given positions',
    inputs: [
      f([2, 2, 3, 4], 1),
      indices([2, 3], [0, 1, 2, 4, 0, 3]),
      fixed(f([5, 2], 2)),
      fixed(f([5, 2], 3)),
    ],
  },
  {
    title: 'a part of each head',
    inputs: [f([2, 3, 12], 1), indices([1], [1]), fixed(f([5, 2], 2)), fixed(f([5, 2], 3))],
    attributes: { num_heads: 2, rotary_embedding_dim: 4 },
  },
  {
    title: 'interleaved',
    inputs: [f([1, 2, 3, 4], 1), indices([1, 3], [0, 1, 2]), fixed(f([5, 2], 2)), fixed(f([5, 2], 3))],
    attributes: { interleaved: 1 },
  },
];
