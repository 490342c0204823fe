import { dimProduct, dimQuotient, formatShape } from '../onnx/dims.js';
import { sizeOf } from '../reference/tensor.js';
import type { NoAttributes, OpDefinition } from './definition.js';
import { anyType, int64 } from './element-types.js';
import { reshapeTo } from './gradients.js';

/** To a known int64 shape: 0 copies the dimension at the same place, one −1 takes what is left. */
export const Reshape: OpDefinition<NoAttributes> = {
  domain: '',
  since: 21,
  inputs: [2, 2],
  outputs: [1, 1],
  types: [anyType, int64],
  attributes: {},
  infer: (context) => {
    const { dtype, shape } = context.input(0);
    const asked = context.content(1) ?? context.fail('the target shape must be known');
    const target = asked.map((dim, i) => (dim === 0 ? (shape[i] ?? context.fail('0 beyond the rank')) : dim));
    const negative = target.find((dim) => typeof dim === 'number' && dim < -1);
    if (negative !== undefined)
      context.fail('a negative dimension', { found: `${negative}`, allowed: '-1, once' });
    const total = dimProduct(shape);
    const known = dimProduct(target.filter((dim) => dim !== -1));
    const rest = dimQuotient(total, known);
    const open = target.filter((dim) => dim === -1).length;
    if (open > 1 || rest === undefined || (open === 0 && rest !== 1))
      context.fail('cannot be reshaped', { found: `${formatShape(shape)} to ${formatShape(asked)}` });
    return [{ dtype, shape: target.map((dim) => (dim === -1 ? rest! : dim)) }];
  },
  evaluate: ({ input }) => {
    const x = input(0);
    const shape = Array.from(input(1).data, (dim, i) => (dim === 0 ? x.shape[i]! : dim));
    const open = shape.indexOf(-1);
    if (open >= 0) shape[open] = x.data.length / sizeOf(shape.filter((dim) => dim !== -1));
    return [{ ...x, shape }];
  },
  gradient: ({ g, dy, input }) => [() => reshapeTo(g, dy, input(0).shape, input(0)), 'none'],
};
