import type { NoAttributes, OpDefinition } from './definition.js';
import { anyType } from './element-types.js';

export const Shape: OpDefinition<NoAttributes> = {
  domain: '',
  since: 21,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [anyType],
  attributes: {},
  infer: (context) => {
    const { shape } = context.input(0);
    return [{ dtype: 'int64', shape: [shape.length], content: shape }];
  },
  evaluate: ({ input }) => {
    const { shape } = input(0);
    return [{ dtype: 'int64', shape: [shape.length], data: Float64Array.from(shape) }];
  },
  gradient: 'none',
};
