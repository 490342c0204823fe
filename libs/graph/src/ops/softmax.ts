import type { OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import { sameAsInput } from './elementwise.js';
import { mapLines, softmaxLine } from './rows.js';

export interface SoftmaxAttributes {
  axis?: number;
}

export const Softmax: OpDefinition<SoftmaxAttributes> = {
  domain: '',
  since: 13,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [floats],
  attributes: { axis: 'axis' },
  infer: sameAsInput,
  evaluate: ({ input, attributes: { axis = -1 } }) => [mapLines(input(0), axis, softmaxLine)],
  // dx = (dy − Σ dy∘y) ∘ y
  gradient: ({ g, dy, output, attributes: { axis = -1 } }) => [
    () => {
      const y = output(0);
      const total = g.op('ReduceSum', [g.op('Mul', [dy, y]), g.int64s(axis)], { keepdims: 1 });
      return g.op('Mul', [g.op('Sub', [dy, total]), y]);
    },
  ],
};
