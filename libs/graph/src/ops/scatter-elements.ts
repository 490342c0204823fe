import { formatShape, normalizeAxis, sameShape } from '../onnx/dims.js';
import { dot, forEachIndex, stridesOf } from '../reference/tensor.js';
import type { OpDefinition } from './definition.js';
import { anyType, indices } from './element-types.js';
import { checkElementIndices } from './gather-elements.js';
import { zerosLike } from './gradients.js';

export interface ScatterElementsAttributes {
  axis?: number;
  /** none (default): later updates replace; add: they add up. */
  reduction?: 'none' | 'add';
}

/** A copy of x with x[indices[i][j]][j] (axis 0) replaced by, or increased by, updates[i][j]. */
export const ScatterElements: OpDefinition<ScatterElementsAttributes> = {
  domain: '',
  since: 18,
  inputs: [3, 3],
  outputs: [1, 1],
  types: [{ T: anyType }, indices, 'T'],
  attributes: { axis: 'axis', reduction: 'string' },
  choices: { reduction: ['none', 'add'] },
  infer: (context) => {
    const { dtype, shape } = context.input(0);
    const [indices, updates] = [context.input(1), context.input(2)];
    checkElementIndices(context, context.attributes.axis ?? 0);
    if (!sameShape(indices.shape, updates.shape))
      context.fail('indices and updates do not fit', {
        found: `${formatShape(indices.shape)} and ${formatShape(updates.shape)}`,
      });
    return [{ dtype, shape }];
  },
  evaluate: ({ input, attributes: { axis = 0, reduction = 'none' } }) => {
    const [x, indices, updates] = [input(0), input(1), input(2)];
    const at = normalizeAxis(axis, x.shape.length);
    const strides = stridesOf(x.shape);
    const data = x.data.slice();
    forEachIndex(indices.shape, (flat, index) => {
      const place = normalizeAxis(indices.data[flat]!, x.shape[at]!);
      const to = dot(index, strides) + (place - index[at]!) * strides[at]!;
      data[to] = (reduction === 'add' ? data[to]! : 0) + updates.data[flat]!;
    });
    return [{ ...x, data }];
  },
  // Replaced elements pass no gradient to x. (Indices are taken to be distinct where they replace.)
  gradient: ({ g, dy, input, attributes: { axis = 0, reduction = 'none' } }) => [
    () =>
      reduction === 'add' ? dy : g.op('ScatterElements', [dy, input(1), zerosLike(g, input(2))], { axis }),
    'none',
    () => g.op('GatherElements', [dy, input(1)], { axis }),
  ],
};
