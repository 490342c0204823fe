import type { NoAttributes, OpDefinition } from './definition.js';
import { anyType } from './element-types.js';

export const Identity: OpDefinition<NoAttributes> = {
  domain: '',
  since: 21,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [anyType],
  attributes: {},
  elementwise: true,
  infer: (context) => {
    const { dtype, shape } = context.input(0);
    return [{ dtype, shape, content: context.content(0) }];
  },
  evaluate: ({ input }) => [input(0)],
  gradient: ({ dy }) => [() => dy],
};
