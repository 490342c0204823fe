/** What reductions over axes given by an input share. */
import { normalizeAxis } from '../onnx/dims.js';
import type { Dim } from '../onnx/types.js';
import { broadcastStrides, dot, forEachIndex, sizeOf, type Tensor } from '../reference/tensor.js';
import type { EvaluateContext, GradientContext, InferContext, OutputType } from './definition.js';

export interface ReductionAttributes {
  /** 1 (default) keeps reduced axes as ones. */
  keepdims?: number;
}

/** The known axes in input `index`, counted from the front; all axes where it is omitted. */
export function knownAxes(context: InferContext<unknown>, index: number): number[] {
  const rank = context.input(0).shape.length;
  if (!context.inputs[index]) return Array.from({ length: rank }, (_, i) => i);
  const axes = context.content(index) ?? context.fail('the axes must be known');
  return axesWithin(context, axes, rank);
}

/** Axes counted from the front: each of the rank, none named twice. */
export function axesWithin(context: InferContext<unknown>, axes: readonly Dim[], rank: number): number[] {
  const found = axes.map((axis) => {
    const at = normalizeAxis(axis as number, rank);
    if (!(at >= 0 && at < rank)) context.fail(`no axis ${axis}`, { allowed: `-${rank} to ${rank - 1}` });
    return at;
  });
  if (new Set(found).size < found.length) context.fail('an axis is named twice', { found: axes.join(', ') });
  return found;
}

export function inferReduction(context: InferContext<ReductionAttributes>): OutputType[] {
  const { dtype, shape } = context.input(0);
  const axes = knownAxes(context, 1);
  const kept = shape.map((dim, i): Dim => (axes.includes(i) ? 1 : dim));
  return [
    { dtype, shape: context.attributes.keepdims === 0 ? kept.filter((_, i) => !axes.includes(i)) : kept },
  ];
}

/** Folds `combine` over the reduced axes, then applies `finish(accumulated, count)`. */
export function evaluateReduction(
  { input, inputs, attributes }: EvaluateContext<ReductionAttributes>,
  initial: number,
  combine: (accumulated: number, element: number) => number,
  finish: (accumulated: number, count: number) => number = (x) => x,
): Tensor[] {
  const x = input(0);
  const rank = x.shape.length;
  const given = inputs[1]?.data ?? x.shape.map((_, i) => i);
  const axes = Array.from(given, (axis) => normalizeAxis(axis, rank));
  const kept = x.shape.map((dim, i) => (axes.includes(i) ? 1 : dim));
  const strides = broadcastStrides(kept, x.shape);
  const data = new Float64Array(sizeOf(kept)).fill(initial);
  forEachIndex(x.shape, (flat, index) => {
    const at = dot(index, strides);
    data[at] = combine(data[at]!, x.data[flat]!);
  });
  const count = x.data.length / data.length;
  const shape = attributes.keepdims === 0 ? kept.filter((_, i) => !axes.includes(i)) : kept;
  return [{ dtype: x.dtype, shape, data: data.map((value) => finish(value, count)) }];
}

/** The axes that the gradient of a reduction must put back, counted from the front. */
export function reducedAxes({ g, input, hasInput }: GradientContext<ReductionAttributes>): number[] {
  const rank = input(0).shape.length;
  if (!hasInput(1)) return Array.from({ length: rank }, (_, i) => i);
  return g.contentOf(input(1))!.map((axis) => normalizeAxis(axis as number, rank));
}
