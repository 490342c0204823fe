import { formatShape, normalizeAxis, sameShape } from '../onnx/dims.js';
import type { Dim, Shape } from '../onnx/types.js';
import { dot, forEachIndex, stridesOf } from '../reference/tensor.js';
import type { InferContext, OpDefinition } from './definition.js';
import { floats } from './element-types.js';

export interface DequantizeLinearAttributes {
  /** Of the scales, where there are several. */
  axis?: number;
  /** 0 (default): a scale for each place of the axis; else one for so many places of it, for each place of the other axes. */
  block_size?: number;
}

/**
 * (x − zero point) · scale. The scale is a scalar, a vector along the axis, or a tensor of one element a block; the zero point (default
 * 0) has its shape. Has the scale's type.
 */
export const DequantizeLinear: OpDefinition<DequantizeLinearAttributes> = {
  domain: '',
  since: 21,
  inputs: [2, 3],
  outputs: [1, 1],
  types: [{ T: ['uint8', 'int8', 'int32'] }, floats, 'T'],
  attributes: { axis: 'int', block_size: 'int' },
  infer: (context) => {
    const [x, scale] = [context.input(0), context.input(1)];
    const allowed = scaleShape(context, x.shape, scale.shape);
    if (!sameShape(scale.shape, allowed))
      context.fail('the scale does not fit', {
        found: formatShape(scale.shape),
        allowed: formatShape(allowed),
      });
    if (context.inputs[2] && !sameShape(context.input(2).shape, scale.shape))
      context.fail('the zero point has another shape than the scale', {
        found: formatShape(context.input(2).shape),
        allowed: formatShape(scale.shape),
      });
    return [{ dtype: scale.dtype, shape: x.shape }];
  },
  evaluate: ({ input, inputs, attributes: { axis = 1, block_size: block = 0 } }) => {
    const [x, scale] = [input(0), input(1)];
    const at = normalizeAxis(axis, x.shape.length);
    const strides = block > 0 ? stridesOf(scale.shape) : x.shape.map((_, i) => (i === at ? 1 : 0));
    const places = scale.shape.length === 0 ? x.shape.map(() => 0) : strides;
    const data = new Float64Array(x.data.length);
    forEachIndex(x.shape, (flat, index) => {
      const of = dot(
        index.map((place, i) => (block > 0 && i === at ? Math.floor(place / block) : place)),
        places,
      );
      data[flat] = (x.data[flat]! - (inputs[2]?.data[of] ?? 0)) * scale.data[of]!;
    });
    return [{ dtype: scale.dtype, shape: x.shape, data }];
  },
  // Quantised weights are frozen, and their scales with them.
  gradient: () => ['none', 'unsupported', 'none'],
};

function scaleShape(context: InferContext<DequantizeLinearAttributes>, x: Shape, given: Shape): Shape {
  const { axis = 1, block_size: block = 0 } = context.attributes;
  if (block < 0)
    context.fail('attribute block_size has a wrong value', { found: `${block}`, allowed: '0, 1, …' });
  if (block === 0 && given.length === 0) return [];
  const at = normalizeAxis(axis, x.length);
  const length: Dim =
    x[at] ?? context.fail(`no axis ${axis}`, { allowed: `-${x.length} to ${x.length - 1}` });
  if (block === 0) return [length];
  if (typeof length !== 'number') return context.fail('blocks of an axis of unknown length');
  return x.map((dim, i) => (i === at ? Math.ceil(length / block) : dim));
}
