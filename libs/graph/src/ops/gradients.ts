/** What gradient rules share. */
import { TemperError } from '@temper/contracts';
import type { GraphBuilder } from '../onnx/builder.js';
import { formatShape, isNumeric, sameShape } from '../onnx/dims.js';
import type { Shape, Value } from '../onnx/types.js';

/** `value` in the given shape: a free Reshape. `like` has that shape, for where constants cannot express it. */
export function reshapeTo(g: GraphBuilder, value: Value, shape: Shape, like?: Value): Value {
  if (sameShape(value.shape, shape)) return value;
  const unknown: number[] = [];
  const target = shape.map((dim, i) => {
    if (typeof dim === 'number') return dim;
    if (value.shape[i] === dim) return 0; // 0 copies the dimension of the input at the same place
    unknown.push(i);
    return -1;
  });
  if (unknown.length <= 1) return g.op('Reshape', [value, g.int64s(...target)]);
  if (!like)
    throw new TemperError('OP_UNSUPPORTED', {
      path: value.name,
      message: 'a Reshape to several unknown lengths needs a value of that shape',
      found: formatShape(shape),
    });
  return g.op('Reshape', [value, g.op('Shape', [like])]);
}

/** Zeros of the shape of `like`. */
export function zerosLike(g: GraphBuilder, like: Value): Value {
  return g.op('ConstantOfShape', [shapeOf(g, like)], { dtype: like.dtype, value: 0 });
}

/** The shape as an int64 vector: a constant where it is known. */
export function shapeOf(g: GraphBuilder, value: Value): Value {
  return isNumeric(value.shape) ? g.int64s(...value.shape) : g.op('Shape', [value]);
}

/**
 * Unbroadcasting: the sum over the axes along which a value of `shape` was repeated: those in front of it, and those where it has length 1.
 * An axis where the gradient itself has length 1 is still to be broadcast and is left as it is.
 */
export function sumTo(g: GraphBuilder, gradient: Value, shape: Shape): Value {
  const lead = Math.max(0, gradient.shape.length - shape.length);
  const offset = gradient.shape.length - shape.length;
  const front = Array.from({ length: lead }, (_, i) => i);
  const inner = gradient.shape.flatMap((dim, i) =>
    i >= lead && dim !== 1 && shape[i - offset] === 1 ? [i] : [],
  );
  if (inner.length === 0)
    return lead === 0 ? gradient : g.op('ReduceSum', [gradient, g.int64s(...front)], { keepdims: 0 });
  const summed = g.op('ReduceSum', [gradient, g.int64s(...front, ...inner)], { keepdims: 1 });
  return lead === 0 ? summed : g.op('Squeeze', [summed, g.int64s(...front)]);
}

/** A reduction's gradient [without the reduced axes] with those axes back as ones. */
export function withAxes(g: GraphBuilder, value: Value, axes: readonly number[], keepdims: number): Value {
  return keepdims === 0 && axes.length > 0 ? g.op('Unsqueeze', [value, g.int64s(...axes)]) : value;
}

/** The inverse of a permutation. */
export function inversePermutation(permutation: readonly number[]): number[] {
  const inverse = new Array<number>(permutation.length);
  permutation.forEach((from, to) => (inverse[from] = to));
  return inverse;
}

/** A float scalar of the value's type. */
export const scalarLike = (g: GraphBuilder, like: Value, x: number): Value => g.scalar(like.dtype, x);
