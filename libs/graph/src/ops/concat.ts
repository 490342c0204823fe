import { dimSum, formatShape, normalizeAxis } from '../onnx/dims.js';
import type { Value } from '../onnx/types.js';
import { sizeOf } from '../reference/tensor.js';
import type { OpDefinition } from './definition.js';
import { anyType } from './element-types.js';

export interface ConcatAttributes {
  axis: number;
}

export const Concat: OpDefinition<ConcatAttributes> = {
  domain: '',
  since: 13,
  inputs: [1, 1024],
  outputs: [1, 1],
  types: [{ T: anyType }, 'T'],
  attributes: { axis: 'required axis' },
  infer: (context) => {
    const { dtype, shape } = context.input(0);
    const axis = normalizeAxis(context.attributes.axis, shape.length);
    const inputs = context.inputs.map((_, i) => context.input(i));
    for (const other of inputs)
      if (other.shape.length !== shape.length || other.shape.some((dim, i) => i !== axis && dim !== shape[i]))
        context.fail('inputs do not fit', {
          found: formatShape(other.shape),
          allowed: `${formatShape(shape)} but for axis ${axis}`,
        });
    const length = dimSum(...inputs.map((other) => other.shape[axis]!));
    const contents = inputs.map((_, i) => context.content(i));
    const content =
      shape.length === 1 && contents.every((c) => c !== undefined) ? contents.flat() : undefined;
    return [{ dtype, shape: shape.map((dim, i) => (i === axis ? length : dim)), content }];
  },
  evaluate: ({ inputs, input, attributes }) => {
    const tensors = inputs.map((_, i) => input(i));
    const first = tensors[0]!;
    const axis = normalizeAxis(attributes.axis, first.shape.length);
    const length = tensors.reduce((sum, t) => sum + t.shape[axis]!, 0);
    const shape = first.shape.map((dim, i) => (i === axis ? length : dim));
    const data = new Float64Array(sizeOf(shape));
    const outer = sizeOf(shape.slice(0, axis));
    let to = 0;
    for (let o = 0; o < outer; o++)
      for (const t of tensors) {
        const block = t.data.length / outer;
        data.set(t.data.subarray(o * block, (o + 1) * block), to);
        to += block;
      }
    return [{ ...first, shape, data }];
  },
  // Each input's part of dy.
  gradient: ({ g, dy, input, inputCount, attributes }) => {
    const axis = normalizeAxis(attributes.axis, dy.shape.length);
    const length = (index: number): Value => {
      const dim = input(index).shape[axis]!;
      return typeof dim === 'number'
        ? g.int64s(dim)
        : g.op('Gather', [g.op('Shape', [input(index)]), g.int64s(axis)]);
    };
    return Array.from({ length: inputCount }, (_, index) => () => {
      let start = g.int64s(0);
      for (let i = 0; i < index; i++) start = g.op('Add', [start, length(i)]);
      return g.op('Slice', [dy, start, g.op('Add', [start, length(index)]), g.int64s(axis)]);
    });
  },
};
