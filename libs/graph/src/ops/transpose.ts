import { dot, forEachIndex, stridesOf } from '../reference/tensor.js';
import type { OpDefinition } from './definition.js';
import { anyType } from './element-types.js';
import { inversePermutation } from './gradients.js';

export interface TransposeAttributes {
  perm: readonly number[];
}

export const Transpose: OpDefinition<TransposeAttributes> = {
  domain: '',
  since: 21,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [anyType],
  attributes: { perm: 'required ints' },
  infer: (context) => {
    const { dtype, shape } = context.input(0);
    const { perm } = context.attributes;
    if ([...perm].sort((a, b) => a - b).some((axis, i) => axis !== i) || perm.length !== shape.length)
      context.fail('perm is not a permutation of the axes', { found: perm.join(', ') });
    return [{ dtype, shape: perm.map((axis) => shape[axis]!) }];
  },
  evaluate: ({ input, attributes: { perm } }) => {
    const x = input(0);
    const strides = stridesOf(x.shape);
    const shape = perm.map((axis) => x.shape[axis]!);
    const steps = perm.map((axis) => strides[axis]!);
    const data = new Float64Array(x.data.length);
    forEachIndex(shape, (flat, index) => {
      data[flat] = x.data[dot(index, steps)]!;
    });
    return [{ ...x, shape, data }];
  },
  gradient: ({ g, dy, attributes }) => [
    () => g.op('Transpose', [dy], { perm: inversePermutation(attributes.perm) }),
  ],
};
