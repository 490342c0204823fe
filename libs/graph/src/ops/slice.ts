import { dimProduct, dimSum, normalizeAxis } from '../onnx/dims.js';
import type { Dim } from '../onnx/types.js';
import { dot, forEachIndex, sizeOf, stridesOf } from '../reference/tensor.js';
import type { InferContext, NoAttributes, OpDefinition } from './definition.js';
import { anyType, indices } from './element-types.js';
import { knownAxes } from './reduction.js';

/** A slice that runs to the end ends here. */
export const SLICE_END = 2 ** 31 - 1;

const negative = (dim: Dim) => dimProduct([-1, dim]);

/** Length of dim[start:end:step]; bounds of a symbolic dimension are taken to lie within it. */
function sliceLength(context: InferContext<unknown>, dim: Dim, start: Dim, end: Dim, step: number): Dim {
  if (typeof dim === 'number' && typeof start === 'number' && typeof end === 'number') {
    const clamp = (x: number) => Math.min(Math.max(x < 0 ? x + dim : x, 0), dim);
    return Math.max(0, Math.ceil((clamp(end) - clamp(start)) / step));
  }
  if (step !== 1) context.fail('a step along a symbolic dimension', { found: `${step}`, allowed: '1' });
  const fromFront = (x: Dim): Dim =>
    typeof x === 'number' && x >= SLICE_END ? dim : typeof x === 'number' && x < 0 ? dimSum(dim, x) : x;
  return dimSum(fromFront(end), negative(fromFront(start)));
}

/** Inputs: x, starts, ends, axes, steps (> 0, default 1), all known but for x. */
export const Slice: OpDefinition<NoAttributes> = {
  domain: '',
  since: 13,
  inputs: [4, 5],
  outputs: [1, 1],
  types: [anyType, { I: indices }, 'I', 'I', 'I'],
  attributes: {},
  infer: (context) => {
    const { dtype, shape } = context.input(0);
    const axes = knownAxes(context, 3);
    const starts = context.content(1) ?? context.fail('the starts must be known');
    const ends = context.content(2) ?? context.fail('the ends must be known');
    const steps = context.inputs[4] ? context.content(4) : axes.map(() => 1);
    if (!steps || steps.some((step) => typeof step !== 'number' || step < 1))
      context.fail('the steps must be known and positive');
    if ([starts, ends, steps!].some(({ length }) => length !== axes.length))
      context.fail('not as many starts, ends and steps as axes', {
        found: `${starts.length}, ${ends.length} and ${steps!.length}`,
        allowed: `${axes.length} of each`,
      });
    const result = [...shape];
    axes.forEach((axis, i) => {
      result[axis] = sliceLength(context, shape[axis]!, starts[i]!, ends[i]!, steps![i] as number);
    });
    const content = context.content(0);
    const [start, end] = [starts[0], ends[0]];
    const followed = content && shape.length === 1 && typeof start === 'number' && typeof end === 'number';
    return [
      { dtype, shape: result, content: followed && steps![0] === 1 ? content.slice(start, end) : undefined },
    ];
  },
  evaluate: ({ input, inputs }) => {
    const x = input(0);
    const rank = x.shape.length;
    const from = new Array<number>(rank).fill(0);
    const step = new Array<number>(rank).fill(1);
    const shape = [...x.shape];
    input(3).data.forEach((given, i) => {
      const axis = normalizeAxis(given, rank);
      const dim = x.shape[axis]!;
      const clamp = (v: number) => Math.min(Math.max(v < 0 ? v + dim : v, 0), dim);
      from[axis] = clamp(input(1).data[i]!);
      step[axis] = inputs[4]?.data[i] ?? 1;
      shape[axis] = Math.max(0, Math.ceil((clamp(input(2).data[i]!) - from[axis]) / step[axis]));
    });
    const strides = stridesOf(x.shape);
    const start = dot(from, strides);
    const steps = strides.map((stride, i) => stride * step[i]!);
    const data = new Float64Array(sizeOf(shape));
    forEachIndex(shape, (flat, index) => {
      data[flat] = x.data[start + dot(index, steps)]!;
    });
    return [{ ...x, shape, data }];
  },
  // Zeros around dy; what follows it is what the lengths of x and dy leave over.
  gradient: ({ g, dy, input, hasInput }) => {
    const x = input(0);
    const axes = g.contentOf(input(3))!.map((axis) => normalizeAxis(axis as number, x.shape.length));
    const starts = g.contentOf(input(1))!;
    const steps = hasInput(4) ? g.contentOf(input(4))! : axes.map(() => 1);
    if (steps.some((step) => step !== 1) || starts.some((s) => typeof s !== 'number' || s < 0))
      return ['unsupported', 'none', 'none', 'none', 'none'];
    return [
      () => {
        const before = g.int64s(...x.shape.map((_, axis) => (starts[axes.indexOf(axis)] as number) ?? 0));
        const left = g.op('Sub', [g.op('Shape', [x]), g.op('Shape', [dy])]);
        return g.op('Pad', [dy, g.op('Concat', [before, g.op('Sub', [left, before])], { axis: 0 })]);
      },
      'none',
      'none',
      'none',
      'none',
    ];
  },
};
